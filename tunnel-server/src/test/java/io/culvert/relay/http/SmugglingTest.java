package io.culvert.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.relay.http.SmugglingTable.Row;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpTester;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The attacks of {@link SmugglingTable} against the connector and the header policy. */
class SmugglingTest {
  private static final String INNOCENT = "/innocent";
  private static final int DEADLINE_MILLIS = 10_000;

  private static RecordingRelay relay;

  @BeforeAll
  static void start() throws Exception {
    relay = new RecordingRelay(address -> false, ForwardedHeaders.Source.X_FORWARDED);
  }

  @AfterAll
  static void stop() throws Exception {
    relay.stop();
  }

  @BeforeEach
  void forget() {
    relay.forget();
  }

  static Stream<Row> attacks() {
    return SmugglingTable.rows().stream();
  }

  @ParameterizedTest
  @MethodSource("attacks")
  void theAttackIsRefusedOrNeutralisedAndTheNextRequestIsItself(Row row) throws IOException {
    List<Integer> statuses = send(row);

    int first = statuses.isEmpty() ? 0 : statuses.get(0);
    assertTrue(
        row.expectation().statuses().contains(first),
        () -> "answers: " + statuses + ", seen: " + relay.seen());
    List<Seen> seen = new ArrayList<>(relay.seen());
    if (row.expectation().check() != null) {
      row.expectation().check().accept(seen.remove(0));
    }
    // The innocent one, unless the connection was closed before it.
    int others = Math.max(0, statuses.size() - 1);
    assertEquals(others, seen.size(), () -> "answers: " + statuses + ", seen: " + relay.seen());
    assertTrue(others <= 1, () -> "answers: " + statuses);
    for (Seen other : seen) {
      assertEquals(INNOCENT, other.target());
      assertEquals(200, statuses.get(1));
    }
  }

  /** The statuses of all answers until the connection is closed. */
  private static List<Integer> send(Row row) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(relay.address(), DEADLINE_MILLIS);
      socket.setSoTimeout(DEADLINE_MILLIS);
      socket.getOutputStream().write(bytes(row));
      socket.shutdownOutput();
      return statuses(socket.getInputStream());
    }
  }

  private static byte[] bytes(Row row) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes(row.bytes());
    if (row.followed()) {
      String innocent =
          "GET " + INNOCENT + " HTTP/1.1\r\nHost: " + SmugglingTable.HOST + "\r\n\r\n";
      bytes.writeBytes(innocent.getBytes(StandardCharsets.ISO_8859_1));
    }
    return bytes.toByteArray();
  }

  private static List<Integer> statuses(InputStream in) throws IOException {
    List<Integer> statuses = new ArrayList<>();
    HttpTester.Input input = HttpTester.from(in);
    HttpTester.Response response = HttpTester.parseResponse(input);
    while (response != null) {
      statuses.add(response.getStatus());
      response = HttpTester.parseResponse(input);
    }
    return statuses;
  }
}
