package io.culvert.testkit.swaggersocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.Await;
import java.io.EOFException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;

/** The scripted peer against itself: requests, responses, serving. */
class SwaggerExchangeTest extends PeerPair {
  private static final String DATE = "Date: \\w{3}, \\d{2} \\w{3} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT";

  // Requests.

  @Test
  void aRequestIsWrittenInTheOrderOfGo() {
    assertEquals(
        lines(
            "GET /simple/?q=1 HTTP/1.1",
            "Host: localhost:9090",
            "User-Agent: Go-http-client/1.1",
            "Accept: a",
            "X-Correlation-Id: 6c1",
            "Z: z",
            "",
            ""),
        GoRequest.get("/simple/?q=1")
            .header("Z", "z")
            .header("Accept", "a")
            .correlationId("6c1")
            .message());
    assertEquals(
        lines("POST / HTTP/1.1", "Host: h", "User-Agent: u", "Content-Length: 2", "", "ab"),
        GoRequest.of("POST", "/")
            .host("h")
            .header("User-Agent", "u")
            .correlationId(null)
            .body("ab")
            .message());
    assertEquals(
        lines(
            "PUT / HTTP/1.1",
            "Host: localhost:9090",
            "User-Agent: Go-http-client/1.1",
            "Transfer-Encoding: chunked",
            "X-Correlation-Id: 1",
            "",
            "2",
            "ab",
            "b",
            "12345678901",
            "0",
            "",
            ""),
        GoRequest.of("PUT", "/").correlationId("1").chunked("ab", "12345678901").message());
    assertTrue(GoRequest.of("POST", "/").message().contains("\r\nContent-Length: 0\r\n"));
  }

  @Test
  void bodiesOfBothFramingsArrive() throws Exception {
    acceptor.serve(
        (request, response) ->
            response.write(
                request.method()
                    + request.target()
                    + request.header("content-type").orElse("none")
                    + request.body()));
    assertEquals(
        "POST/a?btexthello",
        dialer
            .roundTrip(
                GoRequest.of("POST", "/a?b").header("Content-Type", "text").body("hello").message())
            .text()
            .split("\r\n\r\n", 2)[1]);
    SwaggerResponse chunked =
        dialer.call(GoRequest.of("PUT", "/").chunked("hel", "lo\r\n").message());
    assertEquals("PUT/nonehello\r\n", chunked.readBody());
  }

  // Responses.

  private String responseHead(String lines) {
    return "HTTP/1\\.1 200 OK\r\n" + lines + "X-Correlation-Id: 6c1\r\n\r\n";
  }

  private SwaggerResponse exchange(SwaggerPeer.Handler handler) throws IOException {
    acceptor.serve(handler);
    return dialer.roundTrip(GoRequest.get("/").correlationId("6c1").message());
  }

  private static void assertMatches(String regex, String actual) {
    assertTrue(actual.matches("(?s)" + regex), () -> WireText.escape(actual));
  }

  @Test
  void aSmallResponseIsOneMessageWithItsLength() throws Exception {
    SwaggerResponse response =
        exchange((request, out) -> out.header("B", "2").header("A", "1").write("x".repeat(2048)));
    assertEquals(1, response.messages().size());
    assertMatches(
        responseHead(
                "A: 1\r\nB: 2\r\n"
                    + DATE
                    + "\r\nContent-Length: 2048\r\nContent-Type: text/plain; charset=utf-8\r\n")
            + "x{2048}",
        response.text());
  }

  @Test
  void aLargeResponseIsOneMessageOfChunks() throws Exception {
    SwaggerResponse response =
        exchange(
            (request, out) ->
                out.header("Date", "d").write("x".repeat(2000)).write("y".repeat(49)));
    assertEquals(1, response.messages().size());
    assertMatches(
        responseHead(
                lines(
                    "Date: d",
                    "Content-Type: text/plain; charset=utf-8",
                    "Transfer-Encoding: chunked",
                    ""))
            + "800\r\nx{2000}y{48}\r\n1\r\ny\r\n0\r\n\r\n",
        response.text());
  }

  @Test
  void aPieceLargerThanTheBufferIsAChunkOfItsOwn() throws Exception {
    SwaggerResponse response = exchange((request, out) -> out.write("x".repeat(5000)));
    assertMatches(".*\r\n\r\n1388\r\nx{5000}\r\n0\r\n\r\n", response.text());
  }

  @Test
  void eachFlushEndsAMessage() throws Exception {
    acceptor.serve(
        (request, out) -> {
          for (int i = 1; i <= 10; i++) {
            out.write("Chunk #" + i + "\n").flush();
          }
        });
    SwaggerResponse response = dialer.call(GoRequest.get("/").correlationId("6c1").message());
    byte[] buffer = new byte[4096];
    for (int i = 1; i <= 10; i++) {
      int count = response.body().read(buffer);
      assertEquals("Chunk #" + i + "\n", WireText.of(buffer).substring(0, count));
      assertEquals(i, response.messages().size());
    }
    assertEquals(-1, response.body().read(buffer));
    assertMatches(
        responseHead(
                DATE
                    + "\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    + "Transfer-Encoding: chunked\r\n")
            + "9\r\nChunk #1\n\r\n",
        response.messages().get(0));
    assertEquals("9\r\nChunk #2\n\r\n", response.messages().get(1));
    assertEquals("a\r\nChunk #10\n\r\n", response.messages().get(9));
    assertEquals("0\r\n\r\n", response.messages().get(10));
    assertEquals(11, response.messages().size());
  }

  @Test
  void aFlushIsSentBeforeTheHandlerGoesOn() throws Exception {
    Semaphore mayGoOn = new Semaphore(0);
    acceptor.serve(
        (request, out) -> {
          out.write("a").flush();
          mayGoOn.acquire();
          out.write("b");
        });
    SwaggerResponse response = dialer.call(GoRequest.get("/").message());
    assertEquals('a', response.body().read());
    mayGoOn.release();
    assertEquals("b", response.readBody());
  }

  @Test
  void trailersFollowTheLastChunk() throws Exception {
    SwaggerResponse response =
        exchange(
            (request, out) ->
                out.header("Trailer", "T-Two, T-One")
                    .write("x")
                    .header("T-One", "1")
                    .header("T-Two", "2"));
    assertEquals(List.of("T-One: 1", "T-Two: 2"), response.trailers());
    assertMatches(".*\r\n\r\n1\r\nx\r\n0\r\nT-One: 1\r\nT-Two: 2\r\n\r\n", response.text());
    assertEquals("T-Two, T-One", response.header("Trailer").orElseThrow());
  }

  @Test
  void nothingWrittenIsLengthZeroAndNoContentHasNone() throws Exception {
    acceptor.serve((request, out) -> out.status(request.target().equals("/204") ? 204 : 201));
    SwaggerResponse empty = dialer.roundTrip(GoRequest.get("/").message());
    assertEquals("HTTP/1.1 201 Created", empty.statusLine());
    assertEquals("0", empty.header("Content-Length").orElseThrow());
    SwaggerResponse none = dialer.roundTrip(GoRequest.get("/204").correlationId("7").message());
    assertEquals(204, none.status());
    assertMatches(
        "HTTP/1.1 204 No Content\r\n" + DATE + "\r\nX-Correlation-Id: 7\r\n\r\n", none.text());
  }

  @Test
  void aHeadHasTheLengthAndNoBody() throws Exception {
    acceptor.serve((request, out) -> out.write("Hello, Dolores!"));
    for (int i = 0; i < 2; i++) {
      SwaggerResponse response = dialer.roundTrip(GoRequest.of("HEAD", "/").message());
      assertEquals("15", response.header("Content-Length").orElseThrow());
      assertTrue(response.text().endsWith("\r\n\r\n"));
    }
  }

  @Test
  void whoTakesAHeadForAGetWaitsForABodyThatNeverComes() throws Exception {
    acceptor.serve((request, out) -> out.write("Hello, Dolores!"));
    dialer.send(GoRequest.of("HEAD", "/").message());
    SwaggerResponse response = dialer.readResponse(false);
    acceptor.close();
    assertThrows(EOFException.class, response::readBody);
  }

  @Test
  void aFlushedResponseOfDeclaredLengthIsFollowedByAnEmptyMessage() throws Exception {
    acceptor.serve((request, out) -> out.header("Content-Length", "2").write("ab").flush());
    for (int i = 0; i < 3; i++) {
      SwaggerResponse response = dialer.roundTrip(GoRequest.get("/").message());
      // What is left of one response comes before the next one.
      assertEquals(i == 0 ? 1 : 2, response.messages().size());
      assertTrue(response.text().endsWith("\r\n\r\nab"));
    }
  }

  @Test
  void anEmptyMessageBeforeAResponseIsPassedOver() throws Exception {
    SwaggerResponse response =
        exchange(
            (request, out) ->
                out.exactly("", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "a", "b"));
    assertEquals(4, response.messages().size());
    assertTrue(response.text().endsWith("ab"));
  }

  @Test
  void twoEmptyMessagesBeforeAResponseAreItsEnd() {
    assertThrows(
        EOFException.class,
        () -> exchange((request, out) -> out.exactly("", "", "HTTP/1.1 200 OK\r\n\r\n")));
  }

  @Test
  void anEmptyMessageAfterAnotherEndsTheResponse() {
    EOFException early =
        assertThrows(
            EOFException.class,
            () ->
                exchange(
                    (request, out) ->
                        out.exactly("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", "", "b")));
    assertTrue(early.getMessage().contains("1 bytes early"), early.getMessage());
  }

  @Test
  void aFlushOfNothingIsAnEmptyMessageOrTheHead() throws Exception {
    acceptor.serve((request, out) -> out.flush().flush().write("x"));
    dialer.send(GoRequest.get("/").correlationId("1").message());
    String head = dialer.read().content();
    assertTrue(head.endsWith("\r\nTransfer-Encoding: chunked\r\nX-Correlation-Id: 1\r\n\r\n"));
    assertEquals(new SwaggerMessage(true, "", 1), dialer.read());
    assertEquals("1\r\nx\r\n0\r\n\r\n", dialer.read().content());
  }

  @Test
  void bytesThatAreNoTextArriveAsTheyAre() throws Exception {
    SwaggerResponse response = exchange((request, out) -> out.write("\u0000\u00ff\u0080"));
    assertTrue(response.text().endsWith("\r\n\r\n\u0000\u00ff\u0080"));
    assertEquals("application/octet-stream", response.header("Content-Type").orElseThrow());
  }

  // Serving.

  @Test
  void bothSidesMayServeOneAfterTheOther() throws Exception {
    dialer.serve((request, response) -> response.write("from the dialer"));
    assertTrue(acceptor.roundTrip(GoRequest.get("/").message()).text().endsWith("the dialer"));
  }

  @Test
  void aRequestDuringAnotherIsAProblem() throws Exception {
    Semaphore mayAnswer = new Semaphore(0);
    try (SwaggerListener other = SwaggerPeer.listen()) {
      CompletableFuture<SwaggerPeer> accepting = async(other::accept);
      try (SwaggerPeer calling = SwaggerPeer.dial(other.uri());
          SwaggerPeer serving = accepting.get()) {
        serving.serve((request, response) -> mayAnswer.acquire());
        calling.send(GoRequest.get("/1").message());
        calling.send(GoRequest.get("/2").message());
        Await.until("the second was noticed", () -> !serving.problems().isEmpty());
        assertTrue(serving.problems().get(0).getMessage().contains("/2"));
        mayAnswer.release(2);
      }
    }
  }

  @Test
  void aRequestInTwoMessagesIsAProblem() throws Exception {
    try (SwaggerListener other = SwaggerPeer.listen()) {
      CompletableFuture<SwaggerPeer> accepting = async(other::accept);
      try (SwaggerPeer calling = SwaggerPeer.dial(other.uri());
          SwaggerPeer serving = accepting.get()) {
        serving.serve((request, response) -> {});
        calling.send("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n");
        Await.until("it was noticed", () -> !serving.problems().isEmpty());
      }
    }
  }

  @Test
  void aHandlerAtWorkDoesNotKeepPingsUnansweredNorTheEndUnseen() throws Exception {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    acceptor.serve(
        (request, response) -> {
          entered.countDown();
          never.await();
        });
    dialer.send(GoRequest.get("/").message());
    entered.await();
    dialer.ping("p");
    assertEquals("p", dialer.awaitPong());
    dialer.cut();
    assertEquals(1006, acceptor.closeCode());
  }
}
