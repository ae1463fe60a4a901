package io.culvert.testkit.swaggersocket;

import io.culvert.testkit.swaggersocket.Transcript.Step;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** One playing of a transcript by a peer: what {@link Transcript.Kind} says of comparing. */
final class TranscriptPlayer {
  private static final String CRLF = "\r\n";

  private final SwaggerPeer peer;
  private final TranscriptVariables variables = new TranscriptVariables();

  /** The last message of chunks lacked the CRLF at its end: the next one begins with it. */
  private boolean owed;

  TranscriptPlayer(SwaggerPeer peer) {
    this.peer = peer;
  }

  void say(Step step) throws IOException {
    String content = variables.say(step.content());
    switch (step.kind()) {
      case TEXT, HTTP, CHUNK -> peer.send(content);
      case PING -> peer.ping(content);
      case PONG -> {} // it has been said, when the ping was read
      case CLOSE -> peer.close();
      case CUT -> peer.cut();
    }
  }

  void check(Step step) throws IOException {
    switch (step.kind()) {
      case TEXT -> same(step.content(), peer.read().content());
      case HTTP -> http(step.content(), peer.read().content());
      case CHUNK -> chunks(step.content(), peer.read().content());
      case PING -> same(step.content(), peer.awaitPing());
      case PONG -> same(step.content(), peer.awaitPong());
      case CLOSE -> demand(peer.closeCode() != 1006, "a close frame", "none");
      case CUT -> demand(peer.closeCode() == 1006, "no close frame", "one");
    }
  }

  private static void demand(boolean holds, String expected, String actual) {
    if (!holds) {
      throw new AssertionError(
          "expected\n  " + WireText.escape(expected) + "\nbut got\n  " + WireText.escape(actual));
    }
  }

  private void same(String expected, String actual) {
    demand(variables.matches(expected, actual), expected, actual);
  }

  // HTTP.

  private void http(String expected, String actual) {
    int expectedHead = headLength(expected);
    int actualHead = headLength(actual);
    boolean chunked = head(List.of(expected.substring(0, expectedHead).split(CRLF, -1)), actual);
    String expectedBody = expected.substring(expectedHead);
    String actualBody = actual.substring(actualHead);
    if (chunked && !expectedBody.isEmpty()) {
      owed = false;
      chunks(expectedBody, actualBody);
    } else {
      same(expectedBody, actualBody);
    }
  }

  private static int headLength(String message) {
    int end = message.indexOf(CRLF + CRLF);
    demand(end >= 0, "an HTTP head", message);
    return end + 4;
  }

  /** Compares the heads; whether they announce chunks. */
  private boolean head(List<String> expected, String message) {
    List<String> actual = List.of(message.substring(0, headLength(message)).split(CRLF, -1));
    same(expected.get(0), actual.get(0));
    for (String line : expected.subList(1, expected.size())) {
      if (!line.isEmpty()) {
        header(line, actual, message);
      }
    }
    for (String framing : List.of("content-length", "transfer-encoding")) {
      demand(
          named(framing, actual).size() == named(framing, expected).size(),
          "as many " + framing + " as in " + expected,
          message);
    }
    return !named("transfer-encoding", expected).isEmpty();
  }

  private void header(String expected, List<String> actual, String message) {
    List<String> found = named(name(expected), actual);
    boolean same =
        found.size() == 1 && variables.matches(value(expected), value(found.get(0)).strip());
    demand(same, expected, message);
  }

  private static List<String> named(String name, List<String> head) {
    return head.subList(1, head.size()).stream().filter(line -> name(line).equals(name)).toList();
  }

  private static String name(String line) {
    return line.substring(0, Math.max(0, line.indexOf(':'))).toLowerCase(Locale.ROOT);
  }

  private static String value(String line) {
    return line.substring(line.indexOf(':') + 1).strip();
  }

  // Chunks.

  private void chunks(String expected, String actual) {
    String rest = actual;
    if (owed) {
      demand(rest.startsWith(CRLF), CRLF + expected, actual);
      rest = rest.substring(2);
    }
    String normal = lowerCaseSizes(rest);
    owed = !normal.endsWith(CRLF);
    same(lowerCaseSizes(expected), owed ? normal + CRLF : normal);
  }

  /** Ends where the text is no chunk any more; what is left stays as it is. */
  private static String lowerCaseSizes(String text) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (true) {
      int end = text.indexOf(CRLF, at);
      String size = end < 0 ? "" : text.substring(at, end).toLowerCase(Locale.ROOT);
      if (!size.matches("[0-9a-f]{1,7}")) {
        return out.append(text.substring(at)).toString();
      }
      out.append(size);
      int next = Math.min(text.length(), end + 2 + Integer.parseInt(size, 16) + 2);
      if (size.equals("0")) {
        next = text.length();
      }
      out.append(text, end, next);
      at = next;
    }
  }
}
