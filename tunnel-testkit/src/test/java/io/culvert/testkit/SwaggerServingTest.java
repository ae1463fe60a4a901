package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our side serves a peer that plays a Go client. */
class SwaggerServingTest extends SwaggerScript {

  @Test
  void aSmallResponseIsOneMessageWithTheCorrelationId() throws Exception {
    serve((request, response) -> response.getWriter().print("Hello, Dolores!"));
    for (int i = 0; i < 4; i++) {
      peer.send(GET);
      String response = peer.next();
      assertTrue(response.startsWith("HTTP/1.1 200 OK\r\n"), response);
      assertTrue(response.contains("\r\nContent-Length: 15\r\n"), response);
      assertTrue(response.contains("\r\nX-Correlation-Id: 6c1\r\n"), response);
      assertTrue(response.endsWith("\r\n\r\nHello, Dolores!"), response);
    }
    assertEquals(0, peer.waiting());
  }

  /** The CRLF behind a chunk is Jetty's to place: it comes in front of the next one. */
  @Test
  void eachFlushIsOneMessageAndTheEndIsOneMore() throws Exception {
    serve(SwaggerServingTest::tenChunks);
    for (int round = 0; round < 2; round++) {
      peer.send(GET);
      String first = peer.next();
      assertTrue(first.contains("\r\nTransfer-Encoding: chunked\r\n"), first);
      assertTrue(first.endsWith("\r\n\r\n9\r\nChunk #1\n"), first);
      for (int i = 2; i <= 10; i++) {
        String chunk = "Chunk #" + i + "\n";
        peer.expect("\r\n" + (i < 10 ? "9" : "A") + "\r\n" + chunk);
      }
      peer.expect("\r\n0\r\n\r\n");
    }
    assertEquals(0, peer.waiting());
  }

  private static void tenChunks(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    for (int i = 1; i <= 10; i++) {
      response.getOutputStream().print("Chunk #" + i + "\n");
      response.flushBuffer();
    }
  }

  @Test
  void headAndNoContentAreOneMessageEach() throws Exception {
    serve(
        (request, response) -> {
          if (request.getMethod().equals("DELETE")) {
            response.setStatus(204);
          } else {
            response.getWriter().print("12345");
          }
        });
    peer.send(GET.replace("GET", "HEAD"));
    String head = peer.next();
    assertTrue(head.contains("Content-Length: 5\r\n") && head.endsWith("\r\n\r\n"), head);
    peer.send(GET.replace("GET", "DELETE"));
    String none = peer.next();
    assertTrue(none.startsWith("HTTP/1.1 204 ") && none.endsWith("\r\n\r\n"), none);
    peer.send(GET);
    assertTrue(peer.next().endsWith("\r\n\r\n12345"));
  }

  @Test
  void aRequestBodyMayBeAnyBytesInABinaryMessage() throws Exception {
    serve(
        (request, response) ->
            response.getOutputStream().write(request.getInputStream().readAllBytes()));
    StringBuilder all = new StringBuilder();
    for (char c = 0; c < 256; c++) {
      all.append(c);
    }
    String post = GET.replace("GET", "POST");
    peer.sendBinary(post.replace("\r\n\r\n", "\r\nContent-Length: 256\r\n\r\n") + all);
    assertTrue(peer.next().endsWith("\r\n\r\n" + all));
    peer.send("");
    String chunked = "\r\nTransfer-Encoding: chunked\r\n\r\n100\r\n" + all + "\r\n0\r\n\r\n";
    peer.send(post.replace("\r\n\r\n", chunked));
    assertTrue(peer.next().endsWith("\r\n\r\n" + all));
    awaitIdle(); // the empty message was no request
  }

  @Test
  void requestsThatComeBeforeTheirTurnAreAnsweredInOrder() throws Exception {
    serve((request, response) -> response.getWriter().print(request.getQueryString()));
    for (int i = 0; i < 100; i++) {
      peer.send(GET.replace("q=1", "q=" + i));
    }
    for (int i = 0; i < 100; i++) {
      String response = peer.next();
      assertTrue(response.endsWith("\r\n\r\nq=" + i), response);
    }
    awaitIdle();
  }

  @Test
  void aStreamThatJettyClosesLeavesTheConnectionOpen() throws Exception {
    serve((request, response) -> response.getWriter().print("bye"));
    for (int i = 0; i < 20; i++) {
      peer.send(GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
      assertTrue(peer.next().endsWith("\r\n\r\nbye"));
    }
    awaitIdle();
    assertFalse(peer.closed.isDone());
    assertFalse(recorder.ended.isDone());
  }

  @Test
  void aResponseThatFailsHalfWayEndsTheConnection() throws Exception {
    serve(
        (request, response) -> {
          response.getOutputStream().print("half");
          response.flushBuffer();
          throw new IllegalStateException("expected by the test");
        });
    peer.send(GET);
    assertTrue(peer.next().endsWith("half"));
    String closed = peer.closed.get(30, TimeUnit.SECONDS);
    assertTrue(closed.startsWith("1011 a request was not answered to the end"), closed);
    assertEquals(ErrorCode.INTERNAL_ERROR, recorder.end().code());
  }

  @Test
  void garbageIsAnsweredAndEndsTheConnection() throws Exception {
    serve((request, response) -> {});
    peer.send("\u0016\u0003\u0001 nonsense\r\n\r\n");
    assertTrue(peer.next().startsWith("HTTP/1.1 400 "));
    assertTrue(peer.closed.get(30, TimeUnit.SECONDS).startsWith("1011 "));
  }

  /** As net/http's CloseNotify. */
  @ParameterizedTest
  @CsvSource({"1000, false", "1000, true", "0, false", "0, true"})
  void aPeerThatGoesInTheMiddleOfAResponseIsNoticed(int code, boolean async) throws Exception {
    CompletableFuture<Throwable> noticed = new CompletableFuture<>();
    serve(
        (request, response) -> {
          if (async) {
            waitAsynchronously(request, response, noticed);
          } else {
            noticed.complete(assertThrows(IOException.class, () -> writeForEver(response)));
          }
        });
    peer.send(GET);
    peer.next();
    if (code == 0) {
      peer.socket.abort();
    } else {
      peer.socket.close(code, "");
    }
    assertTrue(noticed.get(30, TimeUnit.SECONDS) instanceof IOException);
    assertEquals(ErrorCode.CONNECTION_LOST, recorder.end().code());
    assertTrue(recorder.end().byPeer());
  }

  private static void writeForEver(HttpServletResponse response) throws IOException {
    while (true) {
      response.getOutputStream().write(new byte[1000]);
      response.flushBuffer();
    }
  }

  private static void waitAsynchronously(
      HttpServletRequest request,
      HttpServletResponse response,
      CompletableFuture<Throwable> noticed)
      throws IOException {
    AsyncContext context = request.startAsync();
    context.setTimeout(0);
    context.addListener(new OnError(noticed, context));
    response.getOutputStream().print("Chunk #1\n");
    response.flushBuffer();
  }

  @Test
  void aRequestThatNobodyServesWaitsForAHandler() throws Exception {
    open(false, SETTINGS);
    peer.dial();
    peer.send(GET);
    connection.awaitEstablished();
    Await.until("the request is here", () -> !connectionIsIdle());
    attach((request, response) -> response.getWriter().print("late"));
    assertTrue(peer.next().endsWith("\r\n\r\nlate"));
  }

  @Test
  void aRequestThatNobodyServesEndsTheConnection() throws Exception {
    open(false, SETTINGS);
    peer.dial();
    peer.send(GET);
    String closed = peer.closed.get(30, TimeUnit.SECONDS);
    assertTrue(closed.startsWith("1008 a request came, but this side serves nothing"), closed);
    assertEquals(ErrorCode.REFUSED, recorder.end().code());
  }

  @Test
  void aHandlerThatRefusesEndsTheConnection() throws Exception {
    open(false, SETTINGS);
    peer.dial();
    connection.streamHandler(stream -> stream.reset(ErrorCode.REFUSED));
    peer.send(GET);
    String closed = peer.closed.get(30, TimeUnit.SECONDS);
    assertTrue(closed.startsWith("1008 a request was refused"), closed);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aHandlerThatThrowsOrClosesEndsTheConnection(boolean closes) throws Exception {
    open(false, SETTINGS);
    peer.dial();
    connection.streamHandler(
        stream -> {
          if (closes) {
            stream.close();
          } else {
            throw new AssertionError("thrown by the test");
          }
        });
    peer.send(GET);
    assertTrue(peer.closed.get(30, TimeUnit.SECONDS).startsWith("1011 "));
  }

  @Test
  void aSlowSocketMakesAServletWait() throws Exception {
    CountDownLatch written = new CountDownLatch(1);
    serve(
        (request, response) -> {
          response.setContentLength(4 << 20);
          response.getOutputStream().write(new byte[4 << 20]);
          written.countDown();
        });
    MemoryWebSocket socket = ours.real();
    socket.holdCompletions(true);
    peer.send(GET);
    Await.until("a message was sent", () -> socket.uncompleted() > 0);
    assertFalse(written.await(100, TimeUnit.MILLISECONDS));
    Queue<Integer> underWay = new ArrayDeque<>();
    int received = 0;
    while (received < 4 << 20) {
      while (underWay.isEmpty() || peer.waiting() > 0) {
        int size = peer.next().length();
        received += size;
        underWay.add(size);
      }
      int bytes = underWay.stream().mapToInt(size -> size).sum();
      assertTrue(bytes <= 128 << 10, bytes + " bytes were under way");
      Await.until("it is held", () -> socket.uncompleted() > 0);
      socket.complete();
      underWay.remove();
    }
    socket.holdCompletions(false);
    assertTrue(written.await(30, TimeUnit.SECONDS));
  }

  private record OnError(CompletableFuture<Throwable> noticed, AsyncContext context)
      implements AsyncListener {
    @Override
    public void onComplete(AsyncEvent event) {}

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onError(AsyncEvent event) {
      noticed.complete(event.getThrowable());
      context.complete();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
  }
}
