package io.culvert.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.agent.Agent;
import io.culvert.testkit.Await;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients of HTTP/1.1 that leave while nothing moves: the service has to learn of it. */
@Timeout(60)
class RelayClientGoneTest {
  private static final String HOST = "Host: pets.localhost\r\n";

  private final BlockingQueue<String> heads = new LinkedBlockingQueue<>();
  private final CompletableFuture<Boolean> cut = new CompletableFuture<>();
  private ServedRelay relay;

  @BeforeEach
  void start() throws Exception {
    relay = new ServedRelay(Relay.builder().agentWait(Duration.ofMinutes(10)));
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
  }

  /** A service that says this and then waits until its client is gone. */
  private void silent(String answer) throws IOException {
    relay.serve(
        service -> {
          String head = ServedRelay.head(service);
          if (head.contains("Content-Length: 5")) {
            head += ServedRelay.text(service, 5);
          }
          heads.add(head);
          ServedRelay.write(service, answer);
          try {
            cut.complete(service.getInputStream().read() < 0);
          } catch (SocketException e) {
            cut.complete(true);
          }
        });
  }

  private void awaitCut(int status) throws Exception {
    assertTrue(cut.get(30, TimeUnit.SECONDS), "the service got something else");
    assertEquals(status, relay.record().status());
  }

  @Test
  void oneThatWaitsForItsAnswerIsMissed() throws Exception {
    silent("");
    Socket client = relay.raw("GET / HTTP/1.1\r\n" + HOST + "\r\n");
    heads.take();
    client.close();
    awaitCut(499);
  }

  @Test
  void oneThatIsCutWhileItWaitsIsMissed() throws Exception {
    silent("");
    try (Socket client = relay.raw("GET / HTTP/1.1\r\n" + HOST + "\r\n")) {
      heads.take();
      client.setSoLinger(true, 0);
    }
    awaitCut(499);
  }

  @Test
  void oneThatHasSentItsBodyIsMissed() throws Exception {
    silent("");
    String request = "POST / HTTP/1.1\r\n" + HOST + "Content-Length: 5\r\n\r\nhello";
    Socket client = relay.raw(request);
    assertTrue(heads.take().endsWith("hello"));
    client.close();
    awaitCut(499);
  }

  @Test
  void oneThatListensToEventsIsMissed() throws Exception {
    silent("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
    try (Socket client = relay.raw("GET / HTTP/1.1\r\n" + HOST + "\r\n")) {
      assertTrue(ServedRelay.head(client).startsWith("HTTP/1.1 200 "));
    }
    awaitCut(200);
  }

  @Test
  void oneThatSendsNothingMoreIsTakenForGone() throws Exception {
    silent("");
    try (Socket client = relay.raw("GET / HTTP/1.1\r\n" + HOST + "\r\n")) {
      heads.take();
      client.shutdownOutput();
      awaitCut(499);
    }
  }

  @Test
  void oneThatWaitsForAnAgentIsMissed() throws Exception {
    Agent agent = relay.agent("http://127.0.0.1:9");
    agent.close(Duration.ZERO);
    Await.until("the agent is away", () -> relay.relay.status().connections().isEmpty());
    Socket client = relay.raw("GET / HTTP/1.1\r\n" + HOST + "\r\n");
    client.close();
    assertEquals(499, relay.record().status());
  }

  @Test
  void requestsThatComeMeanwhileAreNotLost() throws Exception {
    Semaphore may = new Semaphore(0);
    relay.serve(
        service -> {
          while (true) {
            String head = ServedRelay.head(service);
            heads.add(head);
            may.acquire();
            String path = head.split(" ", 3)[1];
            ServedRelay.write(service, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + path);
          }
        });
    String field = "X-Long: " + "x".repeat(2_000) + "\r\n";
    try (Socket client = relay.raw("GET /0 HTTP/1.1\r\n" + HOST + "\r\n")) {
      for (int i = 0; i < 8; i++) {
        heads.take();
        // Little or much, while the answer to the one before is awaited.
        String next = "GET /" + (i + 1) + " HTTP/1.1\r\n" + HOST + (i % 2 == 0 ? "" : field);
        for (String line : next.split("(?<=\n)", -1)) {
          ServedRelay.write(client, line);
        }
        ServedRelay.write(client, "\r\n");
        may.release();
        assertTrue(ServedRelay.head(client).startsWith("HTTP/1.1 200 "));
        assertEquals("/" + i, ServedRelay.text(client, 2));
      }
    }
  }
}
