package io.culvert.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code culvert status} makes of a relay's answer, and of none. */
final class StatusCommandTest {
  private static final String STATUS =
      """
      {"version":"0.1.0","startedAt":"2026-11-20T10:00:00Z",
       "links":{"cuts":3,"resumes":2,"replayedPackets":5,"replayedBytes":7,"expired":1},
       "connections":[
        {"role":"AGENT","name":"pets","agentId":"box-1","identity":"ann","connectionId":"c1",
         "remoteAddress":"192.0.2.1:5000","since":"2026-11-20T11:58:45Z","attached":true,
         "roundTrip":12.345,"outstanding":2,"exchanges":1234,"received":2048,"sent":10485760,
         "health":{"healthy":true,"reason":""},"links":{}},
        {"role":"AGENT","name":"shop","agentId":"box-2","identity":"bob","connectionId":"c2",
         "remoteAddress":"192.0.2.2:5000","since":"2026-11-20T11:59:59Z","attached":true,
         "roundTrip":0.5,"outstanding":0,"exchanges":0,"received":0,"sent":0,
         "health":{"healthy":false,"reason":"503\\u001b[2J"},"links":{}},
        {"role":"CALLER","name":"pets","agentId":"","identity":"eve","connectionId":"c3",
         "remoteAddress":"","since":"2026-11-20T11:00:00Z","attached":false,
         "roundTrip":0,"outstanding":1,"exchanges":0,"received":0,"sent":0,
         "health":{"healthy":true,"reason":""},"links":{}}]}
      """;

  private HttpServer server;
  private String url;
  private volatile int answer = 200;
  private volatile String body = STATUS;
  private volatile String authorization;

  @BeforeEach
  void serve() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/status",
        exchange -> {
          authorization = exchange.getRequestHeaders().getFirst("Authorization");
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(answer, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    url = "http://127.0.0.1:" + server.getAddress().getPort();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void aTableHasALineForEachConnection() {
    List<String> lines =
        StatusTable.of(
            JsonParser.parseString(STATUS).getAsJsonObject(),
            Instant.parse("2026-11-20T12:00:00Z"));
    assertEquals(
        """
        relay 0.1.0, up 2h 0m; WebSockets cut 3, resumed 2, expired 1
        NAME  WHAT    ID     IDENTITY  STATE                     RTT     OPEN  DONE  IN       OUT       SINCE   REMOTE
        pets  agent   box-1  ann       up                        12 ms   2     1234  2.0 KiB  10.0 MiB  1m 15s  192.0.2.1:5000
        shop  agent   box-2  bob       unhealthy: 503\\x1b[2J  0.5 ms  0     0     0 B      0 B       1s      192.0.2.2:5000
        pets  caller  -      eve       away                      0.0 ms  1     0     0 B      0 B       1h 0m
        """
            .lines()
            .map(line -> line.replaceAll(" +", " "))
            .toList(),
        lines.stream().map(line -> line.replaceAll(" +", " ")).toList());
  }

  @Test
  void theColumnsAreAligned() {
    Run run = Run.of("status", "--admin", url);
    List<String> lines = run.out().lines().toList();
    assertEquals(lines.get(1).indexOf("STATE"), lines.get(2).indexOf("up "));
    assertEquals(lines.get(1).indexOf("STATE"), lines.get(4).indexOf("away"));
    assertEquals(ExitCodes.OK, run.status());
  }

  @Test
  void jsonIsWhatTheRelaySays() {
    assertEquals(
        JsonParser.parseString(STATUS),
        JsonParser.parseString(Run.of("status", "--json", "--admin", url).out()));
  }

  @Test
  void theTokenIsShownToTheRelayAndToNobodyElse() {
    Run run = Run.in(Map.of("CULVERT_TOKEN", "cvt_secret"), "status", "--admin", url);
    assertEquals("Bearer cvt_secret", authorization);
    assertFalse((run.out() + run.err()).contains("secret"));
  }

  @Test
  void aRelayThatWantsAnotherTokenIsARefusal() {
    answer = 401;
    Run run = Run.of("status", "--admin", url);
    assertEquals(ExitCodes.REFUSED, run.status());
    assertEquals(
        "culvert status: the relay wants a token with the scope admin: give --token-file or"
            + " CULVERT_TOKEN",
        run.err().strip());
  }

  @Test
  void somethingElseThatAnswersIsNamed() {
    body = "<html>";
    Run run = Run.of("status", "--admin", url);
    assertEquals(ExitCodes.FAILED, run.status());
    assertTrue(run.err().contains("is no relay's --admin-port"), run.err());
    assertEquals(1, run.err().lines().count());
  }

  @Test
  void noRelayIsUnreachable() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = socket.getLocalPort();
    }
    Run run = Run.of("status", "--admin", "http://127.0.0.1:" + free);
    assertEquals(ExitCodes.UNREACHABLE, run.status());
    assertEquals(
        "culvert status: no relay answers at http://127.0.0.1:"
            + free
            + "; was it started with --admin-port?",
        run.err().strip());
  }
}
