package io.culvert.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.Await;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Upgrades to protocols that nobody on the way knows, byte by byte. */
@Timeout(60)
class RelayUpgradeTest {
  private static final String HOST = "Host: pets.localhost\r\n";
  private static final String UPGRADE = HOST + "Connection: Upgrade\r\nUpgrade: Chat\r\n";
  private static final String SWITCHED =
      """
      HTTP/1.1 101 Switching Protocols\r
      Connection: Upgrade\r
      Upgrade: Chat\r
      X-Chat: yes\r
      \r
      """;

  private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
  private ServedRelay relay;

  @BeforeEach
  void start() throws Exception {
    relay = new ServedRelay();
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
  }

  private String sent() throws InterruptedException {
    String head = heads.poll(30, TimeUnit.SECONDS);
    assertTrue(head != null, "nothing has come to the service");
    return head;
  }

  /** A service that upgrades and sends everything back. */
  private void echo(String first) throws IOException {
    relay.serve(
        service -> {
          heads.add(ServedRelay.head(service));
          ServedRelay.write(service, SWITCHED + first);
          service.getInputStream().transferTo(service.getOutputStream());
          service.shutdownOutput();
        });
  }

  @Test
  void anyProtocolPassesAndBothEndsAreEnds() throws Exception {
    echo("");
    try (Socket client = relay.raw("GET /chat HTTP/1.1\r\n" + UPGRADE + "\r\n")) {
      String head = ServedRelay.head(client);
      assertTrue(head.startsWith("HTTP/1.1 101 Switching Protocols\r\n"), head);
      assertTrue(head.contains("Connection: Upgrade\r\n"), head);
      assertTrue(head.contains("Upgrade: Chat\r\n"), head);
      assertTrue(head.contains("X-Chat: yes\r\n"), head);
      ServedRelay.write(client, "hello");
      assertEquals("hello", ServedRelay.text(client, 5));
      client.shutdownOutput();
      assertEquals(-1, client.getInputStream().read());
    }
    String sent = sent();
    assertTrue(sent.contains("Connection: Upgrade\r\n"), sent);
    assertTrue(sent.contains("Upgrade: Chat\r\n"), sent);
  }

  @Test
  void bytesBehindTheHeadsAreTheNewProtocols() throws Exception {
    echo("welcome");
    try (Socket client = relay.raw("GET /chat HTTP/1.1\r\n" + UPGRADE + "\r\nhello")) {
      assertTrue(ServedRelay.head(client).startsWith("HTTP/1.1 101 "));
      assertEquals("welcomehello", ServedRelay.text(client, 12));
    }
  }

  @Test
  void anUpgradeMayHaveABody() throws Exception {
    relay.serve(
        service -> {
          heads.add(ServedRelay.head(service) + ServedRelay.text(service, 4));
          ServedRelay.write(service, SWITCHED);
          service.getInputStream().transferTo(service.getOutputStream());
        });
    String request = "POST /exec HTTP/1.1\r\n" + UPGRADE + "Content-Length: 4\r\n\r\nbody";
    try (Socket client = relay.raw(request)) {
      assertTrue(ServedRelay.head(client).startsWith("HTTP/1.1 101 "));
      ServedRelay.write(client, "hello");
      assertEquals("hello", ServedRelay.text(client, 5));
    }
    assertTrue(sent().endsWith("\r\n\r\nbody"));
  }

  @Test
  void itIsRecordedWhenItsBytesHaveEndedAndRunsUntilThen() throws Exception {
    echo("welcome");
    try (Socket client = relay.raw("GET /chat HTTP/1.1\r\n" + UPGRADE + "\r\nhello")) {
      ServedRelay.head(client);
      assertEquals("welcomehello", ServedRelay.text(client, 12));
      assertEquals(1, outstanding());
      assertTrue(relay.records.isEmpty(), "recorded too early");
    }
    RequestRecord record = relay.record();
    assertEquals(101, record.status());
    assertEquals(5, record.received());
    assertEquals(12, record.sent());
    assertEquals("", record.code());
    Await.until("it is over for the agent", () -> outstanding() == 0);
  }

  private int outstanding() {
    return relay.relay.status().connections().stream().mapToInt(one -> one.outstanding()).sum();
  }

  @Test
  void aServiceThatIsCutIsRecordedAsSuch() throws Exception {
    relay.serve(
        service -> {
          ServedRelay.head(service);
          ServedRelay.write(service, SWITCHED);
          ServedRelay.text(service, 5);
          service.setSoLinger(true, 0);
        });
    try (Socket client = relay.raw("GET /chat HTTP/1.1\r\n" + UPGRADE + "\r\nhello")) {
      ServedRelay.head(client);
      assertEquals(true, isCut(client));
    }
    assertEquals("upstream-reset", relay.record().code());
  }

  private static boolean isCut(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < -1;
    } catch (SocketException e) {
      return true;
    }
  }

  @Test
  void aClientThatIsCutIsCutForTheService() throws Exception {
    CompletableFuture<Boolean> cut = new CompletableFuture<>();
    relay.serve(
        service -> {
          ServedRelay.head(service);
          ServedRelay.write(service, SWITCHED);
          cut.complete(isCut(service));
        });
    try (Socket client = relay.raw("GET /chat HTTP/1.1\r\n" + UPGRADE + "\r\n")) {
      ServedRelay.head(client);
      client.setSoLinger(true, 0);
    }
    assertTrue(cut.get(30, TimeUnit.SECONDS), "the service saw an end in order");
    assertEquals("", relay.record().code());
  }

  @Test
  void anUpgradeToH2cIsNotPassedOn() throws Exception {
    relay.serve(
        service -> {
          heads.add(ServedRelay.head(service));
          ServedRelay.write(service, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        });
    String upgrade =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n";
    try (Socket client = relay.raw("GET / HTTP/1.1\r\n" + HOST + upgrade + "\r\n")) {
      assertTrue(ServedRelay.head(client).startsWith("HTTP/1.1 200 "));
    }
    String sent = sent();
    assertFalse(sent.contains("h2c"), sent);
    assertFalse(sent.contains("Upgrade"), sent);
  }

  @Test
  void a101ThatNobodyAskedForIsABadResponse() throws Exception {
    CompletableFuture<Integer> end = new CompletableFuture<>();
    relay.serve(
        service -> {
          ServedRelay.head(service);
          ServedRelay.write(service, SWITCHED);
          end.complete(isCut(service) ? -1 : 0);
        });
    try (Socket client = relay.raw("GET / HTTP/1.1\r\n" + HOST + "\r\n")) {
      String head = ServedRelay.head(client);
      assertTrue(head.startsWith("HTTP/1.1 502 "), head);
    }
    assertEquals("upstream-bad-response", relay.record().code());
    end.get(30, TimeUnit.SECONDS); // its connection is not kept
  }
}
