package io.culvert.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import io.culvert.testkit.Await;
import io.culvert.testkit.MemoryConnections;
import java.io.EOFException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the client is told when a request fails, and which requests are sent again. */
@Timeout(30)
class FailureTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private RelayFixture relay;

  @BeforeEach
  void start() throws Exception {
    relay = new RelayFixture();
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
  }

  /** An agent whose upstream answers until the end. */
  private FakeAgents.Link answering() {
    return relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          while (true) {
            http.body(http.head());
            http.send(OK);
          }
        });
  }

  private void assertProblem(RawHttp client, int status, String code, String hop, String delivered)
      throws Exception {
    String head = client.head();
    assertTrue(head.startsWith("HTTP/1.1 " + status + " "), head);
    JsonObject problem = JsonParser.parseString(client.body(head)).getAsJsonObject();
    assertEquals(code, problem.get("code").getAsString());
    assertEquals(hop, problem.get("hop").getAsString());
    assertEquals(delivered, problem.get("delivered").getAsString());
    RelayFixture.Done record = relay.record();
    assertEquals(problem.get("requestId").getAsString(), record.id());
    assertEquals(code, record.code());
    assertEquals(status, record.status());
  }

  @ParameterizedTest
  @CsvSource({
    "UPSTREAM_REFUSED, 502, upstream-refused, upstream, no",
    "UPSTREAM_UNREACHABLE, 502, upstream-unreachable, upstream, no",
    "UPSTREAM_TIMEOUT, 504, upstream-timeout, upstream, no",
    "UPSTREAM_UNTRUSTED, 502, upstream-untrusted, upstream, no",
    "UPSTREAM_RESET, 502, upstream-reset, upstream, unknown",
    "REFUSED, 503, agent-refused, agent, no",
    "FORBIDDEN, 502, agent-forbidden, agent, no",
    "CANCELLED, 502, agent-cancelled, agent, unknown",
    "INTERNAL_ERROR, 502, tunnel-failed, tunnel, unknown",
  })
  void anAgentThatResetsTheStreamSaysWhy(
      ErrorCode reset, int status, String code, String hop, String delivered) throws Exception {
    FakeAgents.Link link =
        relay.scripted(
            stream -> {
              RawHttp.of(stream).head();
              stream.reset(reset);
            });
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      assertProblem(client, status, code, hop, delivered);
    }
    Await.until("the exchange is over for the agent", () -> link.outstanding() == 0);
  }

  @Test
  void aByteOfTheResponseProvesDelivery() throws Exception {
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.head();
          http.send("HTTP/1.1 2");
          Await.until("the byte is there", () -> stream.unsentBytes() == 0);
          stream.shutdownOutput();
        });
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      assertProblem(client, 502, "upstream-reset", "upstream", "yes");
    }
  }

  @Test
  void whatAnEarlierExchangeOfTheStreamReceivedProvesNothing() throws Exception {
    FakeAgents.Link agent =
        relay.scripted(
            stream -> {
              RawHttp http = RawHttp.of(stream);
              http.head();
              http.send(OK);
              http.head();
              stream.reset(ErrorCode.UPSTREAM_RESET);
            });
    try (RawHttp client = relay.raw()) {
      client.request("GET /1");
      client.body(client.head());
      relay.record();
      // Else its stream is not back in the pool.
      Await.until("the first exchange is over", () -> agent.outstanding() == 0);
      client.request("GET /2");
      assertProblem(client, 502, "upstream-reset", "upstream", "unknown");
    }
  }

  @Test
  void aServiceThatDoesNotSpeakHttpIsToldOf() throws Exception {
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.head();
          http.send("SSH-2.0-OpenSSH_9.6\r\n\r\n");
          http.head();
        });
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      assertProblem(client, 502, "upstream-bad-response", "upstream", "yes");
    }
  }

  @Test
  void aNameThatNobodyServesIsUnknown() throws Exception {
    try (RawHttp client = relay.raw()) {
      client.send("GET / HTTP/1.1\r\nHost: cats.localhost\r\n\r\n");
      assertProblem(client, 404, "unknown-name", "relay", "no");
    }
  }

  @Test
  void aRequestWaitsForAnAgentThatIsAway() throws Exception {
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      Await.until("it waits", () -> relay.agents.waiting() == 1);
      answering();
      assertEquals("ok", client.body(client.head()));
    }
    assertEquals(0, relay.agents.waiting());
  }

  @Test
  void aRequestWaitsOnlySoLong() throws Exception {
    relay.close();
    relay = new RelayFixture(Duration.ofMillis(50));
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      assertProblem(client, 503, "agents-away", "relay", "no");
    }
    assertEquals(0, relay.agents.waiting());
  }

  @Test
  void streamsThatTheAgentDoesNotTakeAreToldOf() throws Exception {
    answering().refusal =
        new TunnelException(ErrorCode.LIMIT_EXCEEDED, Delivered.NO, "too many", null);
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      assertProblem(client, 503, "stream-limit", "tunnel", "no");
    }
  }

  @ParameterizedTest
  @CsvSource({"GET, ''", "POST, small"})
  void anotherAgentGetsWhatTheFirstHasNotTaken(String method, String body) throws Exception {
    AtomicInteger refused = new AtomicInteger();
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.body(http.head());
          refused.incrementAndGet();
          stream.reset(ErrorCode.UPSTREAM_REFUSED);
        });
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          assertEquals(body, http.body(http.head()));
          http.send(OK);
          http.head();
        });
    try (RawHttp client = relay.raw()) {
      client.request(method + " /", "Content-Length: " + body.length());
      client.send(body);
      assertEquals("ok", client.body(client.head()));
    }
    assertEquals(1, refused.get());
    assertEquals("agent-1", relay.record().agentId());
  }

  @Test
  void whatMayHaveArrivedIsNotSentAgain() throws Exception {
    relay.scripted(
        stream -> {
          RawHttp.of(stream).head();
          stream.reset(ErrorCode.UPSTREAM_RESET);
        });
    FakeAgents.Link second = answering();
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      assertProblem(client, 502, "upstream-reset", "upstream", "unknown");
    }
    assertEquals(0, second.opened.get());
  }

  @Test
  void aLargeBodyIsNotSentAgain() throws Exception {
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.body(http.head());
          stream.reset(ErrorCode.UPSTREAM_REFUSED);
        });
    FakeAgents.Link second = answering();
    String body = "x".repeat(RequestBody.REPLAY_BYTES + 1);
    try (RawHttp client = relay.raw()) {
      client.request("POST /", "Content-Length: " + body.length());
      client.send(body);
      assertProblem(client, 502, "upstream-refused", "upstream", "no");
    }
    assertEquals(0, second.opened.get());
  }

  @Test
  void theDeathOfAnAgentFailsWhatItHasAndTheNextTakesOver() throws Exception {
    MemoryConnections dying = MemoryConnections.pair();
    CountDownLatch got = new CountDownLatch(1);
    FakeAgents.Link first =
        relay.scripted(
            dying,
            stream -> {
              RawHttp http = RawHttp.of(stream);
              http.head();
              got.countDown();
              http.head();
            });
    answering();
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      got.await();
      first.attached = false;
      dying.cut();
      assertProblem(client, 502, "connection-lost", "tunnel", "unknown");
      client.request("GET /");
      assertEquals("ok", client.body(client.head()));
    }
  }

  @ParameterizedTest
  @CsvSource({"Content-Length: 100, true", "Transfer-Encoding: chunked, false"})
  void aResponseThatIsCutLooksSoToTheClient(String framing, boolean reset) throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.head();
          http.send("HTTP/1.1 200 OK\r\n" + framing + "\r\n\r\n5\r\nhello\r\n");
          begun.await();
          if (reset) {
            stream.reset(ErrorCode.UPSTREAM_RESET);
          }
        });
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      String head = client.head();
      begun.countDown();
      assertThrows(EOFException.class, () -> client.body(head));
    }
    RelayFixture.Done record = relay.record();
    assertEquals(200, record.status());
    assertEquals("upstream-reset", record.code());
  }

  @Test
  void aStreamThatTheServiceHasEndedIsNotUsedAgain() throws Exception {
    Semaphore ended = new Semaphore(0);
    FakeAgents.Link link =
        relay.scripted(
            stream -> {
              RawHttp http = RawHttp.of(stream);
              http.head();
              http.send(OK);
              stream.close();
              ended.release();
            });
    try (RawHttp client = relay.raw()) {
      for (int i = 0; i < 20; i++) {
        client.request("GET /" + i);
        assertEquals("ok", client.body(client.head()));
        ended.acquire();
        Await.until("the exchange is over for the agent", () -> link.outstanding() == 0);
        int streams = i + 1;
        Await.until("the stream is gone", () -> link.opened.get() == streams);
      }
    }
  }

  @Test
  void aClientThatLeavesInTheMiddleOfItsRequestEndsIt() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch cut = new CountDownLatch(1);
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.head();
          http.text(5);
          begun.countDown();
          try {
            http.text(995);
          } catch (TunnelException e) {
            cut.countDown(); // not an end in order
          }
        });
    try (RawHttp client = relay.raw()) {
      client.request("POST /", "Content-Length: 1000");
      client.send("hello");
      begun.await(); // else there may be nothing to end
    }
    cut.await();
    assertEquals(499, relay.record().status());
  }

  @Test
  void aClientThatLeavesInTheMiddleOfItsResponseEndsIt() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.head();
          http.send("HTTP/1.1 200 OK\r\n\r\n");
          try {
            while (true) {
              http.send("x".repeat(1000));
            }
          } finally {
            ended.countDown();
          }
        });
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      client.head();
    }
    ended.await();
  }
}
