package io.culvert.testkit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.okhttp.TunnelInterceptor;
import io.culvert.servlet.ServletHost;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.Test;

/** What a failed call says about its own exchange, and how a call waits for a stream. */
class DeliveredTest extends HttpSuite {
  private MemoryConnections pair;

  @Override
  protected HttpTunnel connect() {
    pair = MemoryConnections.pair(new MemoryConnections.Sizes(64 << 10, 256 << 10, 2));
    return new MemoryTunnel(pair);
  }

  private void servePing() {
    serve("/ping", (request, response) -> response.getWriter().print("pong"));
  }

  private TunnelException failureOf(Future<?> future) {
    Throwable failure = assertThrows(ExecutionException.class, future::get).getCause();
    return assertInstanceOf(TunnelException.class, failure);
  }

  @Test
  void notDeliveredWhileNoByteOfTheFirstRequestHasGoneOut() throws Exception {
    servePing();
    client();
    pair.hold();
    Call call = client().newCall(request("/ping").build());
    Future<Response> response = threads.submit(call::execute);
    awaitUnsent();
    pair.cut();
    assertEquals(Delivered.NO, failureOf(response).delivered());
  }

  @Test
  void notDeliveredOnAPooledStreamEither() throws Exception {
    servePing();
    assertEquals("pong", text(get("/ping")));
    pair.hold();
    Request post = request("/ping").post(RequestBody.create(new byte[10])).build();
    Future<Response> response = threads.submit(() -> client().newCall(post).execute());
    awaitUnsent();
    pair.cut();
    assertEquals(Delivered.NO, failureOf(response).delivered());
  }

  private void awaitUnsent() throws Exception {
    await(() -> pair.unsent() > 0);
  }

  @Test
  void unknownOnceItHasGoneOutOnAPooledStreamToo() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    servePing();
    serve(
        "/slow",
        (request, response) -> {
          arrived.countDown();
          release.await();
        });
    assertEquals("pong", text(get("/ping")));
    Future<Response> response = threads.submit(() -> get("/slow"));
    arrived.await();
    pair.cut();
    TunnelException e = failureOf(response);
    assertEquals(Delivered.UNKNOWN, e.delivered());
    assertEquals(ErrorCode.CONNECTION_LOST, e.code());
    release.countDown();
  }

  @Test
  void unknownWhenOnlyTheBodyIsHeldBackAfterTheHeadersWentOut() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    serve(
        "/slow",
        (request, response) -> {
          arrived.countDown();
          release.await();
        });
    RequestBody body =
        StreamingFidelity.body(
            sink -> {
              sink.flush();
              sink.writeUtf8("first").flush();
              awaitQuietly(arrived);
              pair.hold();
              sink.writeUtf8("second").flush();
              pair.cut();
              sink.writeUtf8("third").flush();
            });
    Request post = request("/slow").post(body).build();
    TunnelException e = assertThrows(TunnelException.class, () -> client().newCall(post).execute());
    assertEquals(Delivered.UNKNOWN, e.delivered());
    release.countDown();
  }

  private static void awaitQuietly(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void deliveredOnceAByteOfTheResponseCame() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    serve(
        "/half",
        (request, response) -> {
          response.getOutputStream().print("half");
          response.flushBuffer();
          release.await();
        });
    try (Response response = get("/half")) {
      pair.cut();
      TunnelException e = assertThrows(TunnelException.class, () -> response.body().bytes());
      assertEquals(Delivered.YES, e.delivered());
    }
    release.countDown();
  }

  @Test
  void refusedIsNotDelivered() throws Exception {
    servePing();
    client();
    pair.acceptor().streamHandler(null);
    TunnelException e = assertThrows(TunnelException.class, () -> get("/ping"));
    assertEquals(ErrorCode.REFUSED, e.code());
    assertEquals(Delivered.NO, e.delivered());
  }

  @Test
  void aConnectionThatHasEndedDeliversNothing() throws Exception {
    servePing();
    client();
    pair.cut();
    TunnelException e = assertThrows(TunnelException.class, () -> get("/ping"));
    assertEquals(Delivered.NO, e.delivered());
  }

  @Test
  void aPostIsNotRepeatedByItself() throws Exception {
    BlockingQueue<TunnelStream> streams = new LinkedBlockingQueue<>();
    servePing();
    client();
    pair.acceptor()
        .streamHandler(
            stream -> {
              streams.add(stream);
              stream.reset(ErrorCode.INTERNAL_ERROR);
            });
    Request post = request("/ping").post(RequestBody.create(new byte[10])).build();
    assertThrows(IOException.class, () -> client().newCall(post).execute());
    assertEquals(1, streams.size());
  }

  @Test
  void http2SaysUnknownBecauseItsStreamCarriesMany() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    servePing();
    serve(
        "/slow",
        (request, response) -> {
          arrived.countDown();
          release.await();
        });
    OkHttpClient h2 = client().newBuilder().protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)).build();
    assertEquals("pong", text(h2.newCall(request("/ping").build()).execute()));
    Future<Response> response =
        threads.submit(() -> h2.newCall(request("/slow").build()).execute());
    arrived.await();
    pair.cut();
    assertEquals(Delivered.UNKNOWN, failureOf(response).delivered());
    release.countDown();
  }

  @Test
  void connectTimeoutBoundsTheWaitForAStream() throws Exception {
    servePing();
    client();
    pair.dialer().open(Map.of(), Duration.ZERO);
    pair.dialer().open(Map.of(), Duration.ZERO);
    OkHttpClient impatient = client().newBuilder().connectTimeout(Duration.ofMillis(50)).build();
    TunnelException e =
        assertThrows(
            TunnelException.class, () -> impatient.newCall(request("/ping").build()).execute());
    assertEquals(Delivered.NO, e.delivered());
  }

  @Test
  void cancelEndsTheWaitForAStream() throws Exception {
    servePing();
    client();
    pair.dialer().open(Map.of(), Duration.ZERO);
    pair.dialer().open(Map.of(), Duration.ZERO);
    OkHttpClient patient = client().newBuilder().connectTimeout(Duration.ZERO).build();
    CountDownLatch connecting = new CountDownLatch(1);
    Call call = patient.newCall(request("/ping").build());
    call.addEventListener(
        new okhttp3.EventListener() {
          @Override
          public void connectStart(
              Call started, java.net.InetSocketAddress address, java.net.Proxy proxy) {
            connecting.countDown();
          }
        });
    Future<Response> response = threads.submit(call::execute);
    connecting.await();
    call.cancel();
    Throwable e = assertThrows(ExecutionException.class, response::get).getCause();
    assertInstanceOf(IOException.class, e);
    // The thread that waited is free again, not only the caller.
    await(() -> Thread.getAllStackTraces().keySet().stream().noneMatch(this::connects));
  }

  private boolean connects(Thread thread) {
    return thread.getName().contains("connect http://service.test");
  }

  @Test
  void aPooledStreamThatTheServerHasEndedIsNotUsedAgain() throws Exception {
    servePing();
    client();
    CountDownLatch closed = new CountDownLatch(1);
    pair.acceptor()
        .streamHandler(stream -> threads.execute(() -> answerAndShutDown(stream, closed)));
    for (int i = 0; i < 2; i++) {
      assertEquals("ok", text(get("/ping")));
      closed.await();
      CountDownLatch finSeen = new CountDownLatch(1);
      ((MemoryConnection) pair.dialer()).onReader(finSeen::countDown);
      finSeen.await();
    }
  }

  private static void answerAndShutDown(TunnelStream stream, CountDownLatch closed) {
    try {
      okio.BufferedSource request = okio.Okio.buffer(okio.Okio.source(stream.inputStream()));
      while (!request.readUtf8LineStrict().isEmpty()) {}
      stream
          .outputStream()
          .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".getBytes(US_ASCII));
      stream.shutdownOutput();
      closed.countDown();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void twoTunnelsForOneHostShareNothing() throws Exception {
    serve("/name", (request, response) -> response.getWriter().print("first"));
    assertEquals("first", text(get("/name")));
    ServletHost second =
        ServletHost.builder(
                new jakarta.servlet.http.HttpServlet() {
                  private static final long serialVersionUID = 1L;

                  @Override
                  protected void doGet(
                      jakarta.servlet.http.HttpServletRequest request,
                      jakarta.servlet.http.HttpServletResponse response)
                      throws IOException {
                    response.getWriter().print("second");
                  }
                })
            .build()
            .start();
    try (MemoryConnections other = MemoryConnections.pair();
        TunnelInterceptor interceptor = new TunnelInterceptor(other.dialer(), false)) {
      other.acceptor().streamHandler(second.streams());
      OkHttpClient.Builder builder = client().newBuilder();
      builder.interceptors().clear();
      OkHttpClient client = builder.addInterceptor(interceptor).build();
      assertEquals("second", text(client.newCall(request("/name").build()).execute()));
      assertEquals("first", text(get("/name")));
    } finally {
      second.close();
    }
  }
}
