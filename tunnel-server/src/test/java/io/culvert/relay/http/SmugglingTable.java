package io.culvert.relay.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Attacks on a relay that has the name {@code pets.localhost}, as bytes of one connection from
 * 127.0.0.1, and what is to become of each.
 */
abstract class SmugglingTable {
  /** The host that all requests are for. */
  static final String HOST = "pets.localhost";

  static final String GET = "GET /attack HTTP/1.1\r\n";
  static final String POST = "POST /attack HTTP/1.1\r\n";
  static final String TO_HOST = "Host: " + HOST + "\r\n";
  static final String CHUNKED = "Transfer-Encoding: chunked\r\n";
  static final String HIDDEN = "GET /smuggled HTTP/1.1\r\nHost: " + HOST + "\r\n\r\n";
  static final String NO_CHUNKS = "0\r\n\r\n";

  private final List<Row> rows = new ArrayList<>();

  /**
   * One attack.
   *
   * @param text what is sent, each character a byte; without the innocent request that may follow
   * @param followed whether an innocent request follows on the same connection; not if the attack
   *     is an unfinished request, of which it would be a part
   */
  record Row(String group, String name, String text, boolean followed, Expectation expectation) {
    byte[] bytes() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public String toString() {
      return group + ": " + name;
    }
  }

  /**
   * What is to become of it.
   *
   * @param statuses of the answer; 0 stands for a connection closed without one
   * @param check of what the service has seen; null if it must have seen nothing
   */
  record Expectation(Set<Integer> statuses, Consumer<Seen> check) {
    /** Answered so; the service sees no whole request. */
    static Expectation refused(Integer... statuses) {
      return new Expectation(Set.of(statuses), null);
    }

    /** Passed on, without what was dangerous about it. */
    static Expectation neutralised(Consumer<Seen> check) {
      return new Expectation(Set.of(200), check);
    }
  }

  /** All attacks over HTTP/1.1. */
  static List<Row> rows() {
    List<Row> all = new ArrayList<>();
    for (SmugglingTable part :
        List.of(new FramingAttacks(), new SyntaxAttacks(), new HeaderAttacks())) {
      all.addAll(part.rows);
    }
    return all;
  }

  /** A head with the lines, the last argument being what is expected. */
  void head(String group, String name, String requestLine, Object... linesAndExpectation) {
    int last = linesAndExpectation.length - 1;
    String lines =
        Arrays.stream(linesAndExpectation, 0, last)
            .map(line -> line + "\r\n")
            .collect(Collectors.joining());
    row(
        group,
        name,
        requestLine + TO_HOST + lines + "\r\n",
        (Expectation) linesAndExpectation[last]);
  }

  /** A head that was good, and bad chunks: the answer may be too late to be told. */
  void chunk(String group, String name, String chunks) {
    row(group, name, POST + TO_HOST + CHUNKED + "\r\n" + chunks, Expectation.refused(400, 0));
  }

  void row(String group, String name, String text, Expectation expectation) {
    rows.add(new Row(group, name, text, true, expectation));
  }

  void unfinished(String group, String name, String text, Expectation expectation) {
    rows.add(new Row(group, name, text, false, expectation));
  }

  static String visible(String text) {
    return text.chars()
        .mapToObj(c -> c < 0x20 ? "<" + c + ">" : Character.toString(c))
        .collect(Collectors.joining());
  }
}
