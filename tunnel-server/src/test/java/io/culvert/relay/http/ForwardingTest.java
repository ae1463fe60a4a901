package io.culvert.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.Await;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTP/1.1 through the relay, byte for byte where bytes matter. */
@Timeout(30)
class ForwardingTest {
  private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

  private final LinkedBlockingQueue<String> heads = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<String> bodies = new LinkedBlockingQueue<>();
  private RelayFixture relay;

  @BeforeEach
  void start() throws Exception {
    relay = new RelayFixture();
  }

  @AfterEach
  void stop() throws Exception {
    relay.close();
  }

  /** An agent whose upstream answers each request with the same bytes. */
  private FakeAgents.Link answering(String answer) {
    return relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          while (true) {
            String head = http.head();
            heads.add(head);
            bodies.add(http.body(head));
            http.send(answer);
          }
        });
  }

  private static String firstLine(String head) {
    return head.substring(0, head.indexOf("\r\n"));
  }

  @Test
  void aRequestReachesTheAgentAndItsResponseTheClient() throws Exception {
    FakeAgents.Link link = answering(OK);
    try (RawHttp client = relay.raw()) {
      client.request("GET /pets?q=1");
      String head = client.head();
      assertEquals("HTTP/1.1 200 OK", firstLine(head));
      assertEquals("ok", client.body(head));
    }
    String sent = heads.take();
    assertEquals("GET /pets?q=1 HTTP/1.1", firstLine(sent));
    assertTrue(sent.contains("Host: pets.localhost\r\n"), sent);
    RelayFixture.Done record = relay.record();
    assertTrue(sent.contains("X-Request-Id: " + record.id() + "\r\n"), sent);
    assertEquals("pets", record.name());
    assertEquals("agent-0", record.agentId());
    assertEquals("GET", record.method());
    assertEquals("/pets", record.path());
    assertEquals(200, record.status());
    assertEquals("", record.code());
    assertEquals(0, record.received());
    assertEquals(2, record.sent());
    Await.until("the exchange is over for the agent", () -> link.outstanding() == 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//evil.example/x",
        "/a//b",
        "/a/%2e%2e/b?x=%zz&y=|",
        "/a?",
        "/a;p=1/b;q?x=a+b%20c&x=2",
        "/%E2%82%AC",
        "/?next=http://evil/"
      })
  void theTargetIsSentAsItCame(String target) throws Exception {
    answering(OK);
    try (RawHttp client = relay.raw()) {
      client.request("GET " + target);
      String head = client.head();
      if (firstLine(head).endsWith("200 OK")) {
        assertEquals("GET " + target + " HTTP/1.1", firstLine(heads.take()));
      } else {
        // Jetty's server refuses what is ambiguous, before the handler.
        assertEquals("HTTP/1.1 400 Bad Request", firstLine(head));
      }
    }
  }

  @Test
  void aPooledStreamCarriesOneExchangeAfterAnother() throws Exception {
    FakeAgents.Link link = answering(OK);
    try (RawHttp client = relay.raw()) {
      for (int i = 0; i < 5; i++) {
        client.request("GET /" + i);
        assertEquals("ok", client.body(client.head()));
        Await.until("the stream is idle", () -> link.outstanding() == 0);
      }
    }
    assertEquals(1, link.opened.get());
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() throws Exception {
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          while (true) {
            String target = http.head().split(" ", -1)[1];
            http.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + target);
          }
        });
    try (RawHttp client = relay.raw()) {
      String one = "GET /%d HTTP/1.1\r\nHost: pets.localhost\r\n\r\n";
      client.send(one.formatted(1) + one.formatted(2) + one.formatted(3));
      for (int i = 1; i <= 3; i++) {
        assertEquals("/" + i, client.body(client.head()));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "HEAD, 200 OK, Content-Length: 10",
    "GET, 204 No Content,",
    "GET, 304 Not Modified, ETag: x"
  })
  void aResponseWithoutBodyEndsAtItsHead(String method, String status, String field)
      throws Exception {
    answering("HTTP/1.1 " + status + "\r\n" + (field == null ? "" : field + "\r\n") + "\r\n");
    try (RawHttp client = relay.raw()) {
      for (int i = 0; i < 2; i++) {
        client.request(method + " /");
        String head = client.head();
        assertEquals("HTTP/1.1 " + status, firstLine(head));
        assertTrue(field == null || head.contains(field), head);
      }
    }
  }

  @Test
  void whatIsCompressedStaysSoAndCookiesStayApart() throws Exception {
    answering(
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nSet-Cookie: a=1; Path=/\r\n"
            + "Set-Cookie: b=2\r\nContent-Length: 4\r\n\r\n\u001f\u008bxx");
    try (RawHttp client = relay.raw()) {
      client.request("GET /", "Accept-Encoding: gzip", "Cookie: c=3");
      String head = client.head();
      assertTrue(head.contains("Content-Encoding: gzip\r\n"), head);
      assertTrue(head.contains("Set-Cookie: a=1; Path=/\r\n"), head);
      assertTrue(head.contains("Set-Cookie: b=2\r\n"), head);
      assertEquals("\u001f\u008bxx", client.body(head));
      client.request("GET /");
      client.body(client.head());
    }
    String first = heads.take();
    assertTrue(first.contains("Accept-Encoding: gzip\r\n"), first);
    assertTrue(first.contains("Cookie: c=3\r\n"), first);
    String second = heads.take();
    assertFalse(second.contains("Cookie"), second);
    assertFalse(second.contains("Accept-Encoding"), second);
    assertFalse(second.contains("User-Agent"), second);
  }

  @Test
  void aRedirectAndAChallengeAreTheClientsAffair() throws Exception {
    answering("HTTP/1.1 307 Temporary Redirect\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n");
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      assertTrue(client.head().contains("Location: /other"));
    }
    assertEquals(1, heads.size());
  }

  @Test
  void aBodyWithALengthKeepsIt() throws Exception {
    answering(OK);
    try (RawHttp client = relay.raw()) {
      client.request("POST /", "Content-Length: 5");
      client.send("hello");
      client.body(client.head());
      client.request("POST /", "Content-Length: 0");
      client.body(client.head());
    }
    assertTrue(heads.take().contains("Content-Length: 5\r\n"));
    assertEquals("hello", bodies.take());
    assertTrue(heads.take().contains("Content-Length: 0\r\n"));
    assertEquals(5, relay.record().received());
  }

  @Test
  void chunksGoOnAsTheyComeInBothDirections() throws Exception {
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.head();
          http.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
          for (String chunk = http.chunk(); !chunk.isEmpty(); chunk = http.chunk()) {
            http.send(Integer.toHexString(chunk.length()) + "\r\n" + chunk + "\r\n");
          }
          http.send("0\r\n\r\n");
          http.head();
        });
    try (RawHttp client = relay.raw()) {
      client.request("POST /", "Transfer-Encoding: chunked");
      client.head();
      for (int i = 0; i < 20; i++) {
        client.send("3\r\na%02d\r\n".formatted(i));
        assertEquals("a%02d".formatted(i), client.chunk());
      }
      client.send("0\r\n\r\n");
      assertEquals("", client.chunk());
    }
  }

  @Test
  void trailersGoBothWays() throws Exception {
    LinkedBlockingQueue<String> trailers = new LinkedBlockingQueue<>();
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.head();
          http.chunk();
          http.chunk();
          trailers.add(http.line());
          http.line();
          http.send("HTTP/1.1 200 OK\r\nTrailer: X-Down\r\nTransfer-Encoding: chunked\r\n\r\n");
          http.send("2\r\nok\r\n0\r\nX-Down: 2\r\n\r\n");
          http.head();
        });
    try (RawHttp client = relay.raw()) {
      client.request("POST /", "Transfer-Encoding: chunked", "Trailer: X-Up");
      client.send("2\r\nhi\r\n0\r\nX-Up: 1\r\n\r\n");
      client.head();
      assertEquals("ok", client.chunk());
      assertEquals("", client.chunk());
      assertEquals("X-Down: 2", client.line());
    }
    assertEquals("X-Up: 1", trailers.take());
  }

  @Test
  void eventsArriveOneByOne() throws Exception {
    LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          http.head();
          http.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
          while (true) {
            http.send(events.take());
          }
        });
    try (RawHttp client = relay.raw()) {
      client.request("GET /events");
      client.head();
      for (int i = 0; i < 50; i++) {
        String event = "data: " + i + "\n\n";
        events.add(event);
        assertEquals(event, client.chunk());
      }
    }
  }

  @Test
  void theServiceDecidesWhetherTheBodyComes() throws Exception {
    CountDownLatch mayGoOn = new CountDownLatch(1);
    relay.scripted(
        stream -> {
          RawHttp http = RawHttp.of(stream);
          String head = http.head();
          heads.add(head);
          mayGoOn.await();
          http.send("HTTP/1.1 100 Continue\r\n\r\n");
          bodies.add(http.body(head));
          http.send(OK);
          http.head();
        });
    try (RawHttp client = relay.raw()) {
      client.request("POST /", "Content-Length: 5", "Expect: 100-continue");
      assertTrue(heads.take().contains("Expect: 100-continue\r\n"));
      mayGoOn.countDown();
      assertEquals("HTTP/1.1 100 Continue", firstLine(client.head()));
      client.send("hello");
      assertEquals("ok", client.body(client.head()));
      assertEquals("hello", bodies.take());
    }
  }

  @Test
  void theServiceMayRefuseABodyBeforeItComes() throws Exception {
    FakeAgents.Link link =
        relay.scripted(
            stream -> {
              RawHttp http = RawHttp.of(stream);
              http.head();
              http.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno");
              http.head();
            });
    try (RawHttp client = relay.raw()) {
      client.request("POST /", "Content-Length: 5", "Expect: 100-continue");
      String head = client.head();
      assertEquals("HTTP/1.1 417 Expectation Failed", firstLine(head));
      assertEquals("no", client.body(head));
    }
    assertEquals(417, relay.record().status());
    Await.until("the exchange is over for the agent", () -> link.outstanding() == 0);
  }

  @Test
  void aServiceThatIgnoresTheExpectationGetsTheBodyNevertheless() throws Exception {
    answering(OK);
    try (RawHttp client = relay.raw()) {
      client.request("POST /", "Content-Length: 5", "Expect: 100-continue");
      assertEquals("HTTP/1.1 100 Continue", firstLine(client.head()));
      client.send("hello");
      assertEquals("ok", client.body(client.head()));
    }
    assertEquals("hello", bodies.take());
  }

  @Test
  void earlyHintsArriveBeforeTheResponse() throws Exception {
    answering(
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
            + "HTTP/1.1 103 Early Hints\r\nLink: </b.css>\r\n\r\n"
            + "HTTP/1.1 142 What Now\r\n\r\n"
            + OK);
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      assertTrue(client.head().contains("Link: </a.css>"));
      assertTrue(client.head().contains("Link: </b.css>"));
      String head = client.head();
      assertEquals("HTTP/1.1 200 OK", firstLine(head));
      assertEquals("ok", client.body(head));
    }
  }

  @Test
  void anAnswerBeforeTheEndOfTheRequestEndsIt() throws Exception {
    FakeAgents.Link link =
        relay.scripted(
            stream -> {
              RawHttp http = RawHttp.of(stream);
              http.head();
              http.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
              http.rest();
            });
    try (RawHttp client = relay.raw()) {
      client.request("POST /", "Content-Length: 1000000");
      client.send("hello");
      String head = client.head();
      assertTrue(firstLine(head).startsWith("HTTP/1.1 413 "), head);
      assertEquals("no", client.body(head));
    }
    Await.until("the exchange is over for the agent", () -> link.outstanding() == 0);
  }

  @Test
  void theAgentsHostReplacesTheClients() throws Exception {
    answering(OK).host = "localhost:3000";
    try (RawHttp client = relay.raw()) {
      client.request("GET /");
      client.body(client.head());
    }
    assertTrue(heads.take().contains("Host: localhost:3000\r\n"));
  }
}
