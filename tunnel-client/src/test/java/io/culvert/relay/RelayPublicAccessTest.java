package io.culvert.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import io.culvert.agent.Agent;
import io.culvert.agent.Upstream;
import io.culvert.relay.access.PublicAccess;
import io.culvert.relay.access.TokenFile;
import io.culvert.testkit.Await;
import io.culvert.testkit.RecordingListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Public access as a relay with real agents puts it in force. */
@Timeout(60)
class RelayPublicAccessTest {
  private static final String TOKEN = TokenFile.newToken();
  private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  private static final String ALICE = "Authorization: Basic " + base64("alice:secret") + "\r\n";

  @TempDir Path dir;
  private final BlockingQueue<Headers> seen = new LinkedBlockingQueue<>();
  private final List<Agent> agents = new ArrayList<>();
  private HttpServer upstream;
  private PublicAccess access;
  private Relay relay;

  @BeforeEach
  void start() throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    upstream = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
    upstream.createContext(
        "/",
        exchange -> {
          seen.add(exchange.getRequestHeaders());
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    upstream.start();
    String yaml =
        """
        names:
          pets: {access: basic, users: {alice: "%s"}}
          api: {access: bearer, tokens: [%s], allow: [192.0.2.0/24]}
          free: {access: open}
        """
            .formatted(PublicAccess.hash("secret"), TokenFile.hash(TOKEN));
    access = PublicAccess.open(Files.writeString(dir.resolve("access.yaml"), yaml));
  }

  @AfterEach
  void stop() {
    agents.forEach(Agent::close);
    relay.close();
    access.close();
    upstream.stop(0);
    Await.noThreads("culvert-");
  }

  private void relay(boolean proxied) throws Exception {
    relay =
        Relay.builder()
            .domain("localhost")
            .publicAccess(access)
            .trustedProxies(address -> proxied && address.isLoopbackAddress())
            .build()
            .start();
    for (String name : List.of("pets", "api", "free", "unlisted")) {
      Upstream to = Upstream.parse("http://127.0.0.1:" + upstream.getAddress().getPort());
      agents.add(Agent.builder("ws://127.0.0.1:" + relay.address().getPort(), name, to).start());
    }
    Await.until("the agents are there", () -> relay.status().connections().size() == 4);
  }

  /** The head of the answer. */
  private String get(String name, String fields) throws IOException {
    InetSocketAddress at = relay.address();
    try (Socket socket = new Socket(at.getAddress(), at.getPort())) {
      socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
      String close = fields.contains("Upgrade") ? "" : "Connection: close\r\n";
      String request = "GET / HTTP/1.1\r\nHost: " + name + ".localhost\r\n" + close + fields;
      socket.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.UTF_8));
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        int next = socket.getInputStream().read();
        assertTrue(next >= 0, () -> "cut after " + head);
        head.append((char) next);
      }
      return head.toString();
    }
  }

  private static int status(String head) {
    return Integer.parseInt(head.split(" ", 3)[1]);
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({
    "pets, '', 401, 'WWW-Authenticate: Basic realm=\"pets\", charset=\"UTF-8\"'",
    "pets, 'Connection: Upgrade|Upgrade: websocket|', 401, 'WWW-Authenticate: Basic'",
    "pets, 'Authorization: Basic YWxpY2U6d3Jvbmc=|', 401, 'WWW-Authenticate: Basic'",
    "pets, 'ALICEAuthorization: Basic YWxpY2U6d3Jvbmc=|', 401, 'WWW-Authenticate: Basic'",
    "pets, 'Authorization_: x|', 401, 'WWW-Authenticate: Basic'",
    "api, 'BEARER', 403, 'application/problem+json'",
    "api, 'BEARERX-Forwarded-For: 192.0.2.7|', 403, 'application/problem+json'",
    "unlisted, 'ALICE', 403, 'application/problem+json'",
    "unlisted, '', 403, 'application/problem+json'",
  })
  void whoIsNotLetInReachesNoAgent(String name, String fields, int status, String answer)
      throws Exception {
    relay(false);

    String head =
        get(
            name,
            fields
                .replace("|", "\r\n")
                .replace("ALICE", ALICE)
                .replace("BEARER", "Authorization: Bearer " + TOKEN + "\r\n"));

    assertEquals(status, status(head), head);
    assertTrue(head.contains(answer), head);
    assertTrue(seen.isEmpty(), "the service has seen " + seen);
  }

  @Test
  void whoIsLetInReachesTheServiceWithoutWhatWasForTheRelay() throws Exception {
    relay(false);

    assertEquals(200, status(get("pets", ALICE)));
    assertEquals(null, seen.take().getFirst("Authorization"));
    assertEquals(200, status(get("pets", ALICE + "authorization_: no\r\n" + UPGRADE)));
    assertEquals(null, seen.take().getFirst("Authorization"));
    assertTrue(seen.isEmpty());
  }

  @Test
  void anOpenNamesAuthorizationIsTheServicesOwn() throws Exception {
    relay(false);

    assertEquals(200, status(get("free", ALICE)));
    assertTrue(ALICE.contains(seen.take().getFirst("Authorization")));
  }

  @Test
  void theClientIsWhoTrustedProxiesSayItIs() throws Exception {
    relay(true);
    String bearer = "Authorization: Bearer " + TOKEN + "\r\n";

    assertEquals(403, status(get("api", bearer)), "the proxy itself");
    assertEquals(403, status(get("api", bearer + "X-Forwarded-For: 198.51.100.7\r\n")));
    assertEquals(401, status(get("api", "X-Forwarded-For: 192.0.2.7\r\n")));
    assertTrue(seen.isEmpty());
    assertEquals(200, status(get("api", bearer + "X-Forwarded-For: 192.0.2.7\r\n")));
    assertEquals(null, seen.take().getFirst("Authorization"));
  }

  @Test
  void whoGuessesIsToldToWaitAndHowLong() throws Exception {
    relay(true);
    String from = "X-Forwarded-For: 192.0.2.7\r\nAuthorization: Bearer ";
    for (int i = 0; i < 10; i++) {
      assertEquals(401, status(get("api", from + "wrong\r\n")));
    }

    String head = get("api", from + TOKEN + "\r\n");

    assertEquals(429, status(head), head);
    assertTrue(head.matches("(?s).*\r\nRetry-After: (60|[1-5]?[0-9])\r\n.*"), head);
    assertTrue(seen.isEmpty());
    assertEquals(200, status(get("api", from.replace(".7", ".8") + TOKEN + "\r\n")));
  }
}
