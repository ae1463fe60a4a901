package io.culvert.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Fault;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.ByteString;
import okio.Okio;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a call says that the connection has failed, by when and how the connection failed it. */
@Timeout(60)
class DeliveryTest {
  private final Executions service = new Executions();
  private final EventLog events = new EventLog();

  @AfterEach
  void nothingIsLeft() {
    service.go.countDown();
    Await.noThreads("culvert-");
  }

  /** A server, a client, and a proxy between them. */
  private final class Tunnel implements AutoCloseable {
    final TunnelServer server;
    final FaultProxy proxy;
    final SocketConnection connection;
    final OkHttpClient http;
    private final CompletableFuture<SocketConnection> peer = new CompletableFuture<>();

    Tunnel(Duration resume) throws Exception {
      this(resume, Setup.server());
    }

    Tunnel(Duration resume, TunnelServer.Builder settings) throws Exception {
      server = settings.build();
      server.onConnection(
          accepted -> {
            accepted.serve(service);
            peer.complete(accepted);
          });
      server.start();
      proxy = new FaultProxy(server.address());
      connection =
          Setup.client(proxy.address())
              .resumeTimeout(resume)
              .reconnect(Setup.eager())
              .onEvent(events)
              .build()
              .connect();
      http = Setup.http(connection);
      events.next(ConnectionEvent.Type.RECEIVED);
    }

    /** The server's side of the connection, which serves already. */
    SocketConnection peer() throws Exception {
      return Setup.result(peer);
    }

    /** From here on the connection has no WebSocket, and gets none. */
    void detach() throws Exception {
      proxy.injectIntoNew(Fault.RESET);
      proxy.inject(Fault.RESET);
      events.next(ConnectionEvent.Type.DETACHED);
    }

    CompletableFuture<String> post(String path, String id) {
      return post(http, path, id);
    }

    CompletableFuture<String> post(OkHttpClient client, String path, String id) {
      return Setup.async(() -> text(client, path, id));
    }

    @Override
    public void close() {
      service.go.countDown();
      connection.abort();
      proxy.close();
      server.stop(Duration.ZERO);
    }
  }

  private static String text(OkHttpClient client, String path, String id) throws IOException {
    try (Response response = client.newCall(Executions.post(path, id).build()).execute()) {
      return response.body().string();
    }
  }

  private static final Duration LONG = Duration.ofSeconds(60);

  private void assertNotExecuted(TunnelException failure, String id) {
    assertEquals(Delivered.NO, failure.delivered(), failure.getMessage());
    assertEquals(0, service.of(id));
  }

  private static OkHttpClient h2(OkHttpClient http) {
    return http.newBuilder().protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)).build();
  }

  private enum Http {
    HTTP_1,
    HTTP_2;

    OkHttpClient of(OkHttpClient http) {
      return this == HTTP_2 ? h2(http) : http;
    }
  }

  @ParameterizedTest
  @EnumSource
  void noWhileWhatWasWrittenOnAPooledStreamHasNotGoneOut(Http version) throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG)) {
      OkHttpClient http = version.of(tunnel.http);
      assertEquals("done", text(http, "/", "first"));
      tunnel.detach();
      CountDownLatch written = new CountDownLatch(1);
      OkHttpClient watched = http.newBuilder().eventListener(new Written(written)).build();
      CompletableFuture<String> answer = tunnel.post(watched, "/", "second");
      Setup.await(written);

      tunnel.connection.abort();

      TunnelException failure = Setup.lost(answer, Delivered.NO);
      assertEquals(ErrorCode.ABORTED, failure.code());
      assertEquals(
          "the connection was ended by this side: aborted by the application", failure.reason());
      assertNotExecuted(failure, "second");
    }
  }

  private static final class Written extends EventListener {
    private final CountDownLatch written;

    Written(CountDownLatch written) {
      this.written = written;
    }

    @Override
    public void requestBodyEnd(Call call, long byteCount) {
      written.countDown();
    }
  }

  @Test
  void noForACallThatGotNoStreamInTime() throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG)) {
      tunnel.detach();
      OkHttpClient hasty = tunnel.http.newBuilder().connectTimeout(Duration.ofMillis(100)).build();
      TunnelException failure = Setup.lost(tunnel.post(hasty, "/", "a"), Delivered.NO);
      assertEquals(ErrorCode.CONNECTION_LOST, failure.code());
      assertNotExecuted(failure, "a");
    }
  }

  @Test
  void noForACallBeyondTheStreamLimit() throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG, Setup.server().maxStreams(1))) {
      CompletableFuture<String> first = tunnel.post("/gate", "first");
      Setup.await(service.arrived);
      OkHttpClient hasty = tunnel.http.newBuilder().connectTimeout(Duration.ofMillis(100)).build();
      TunnelException failure = Setup.lost(tunnel.post(hasty, "/", "second"), Delivered.NO);
      assertEquals(ErrorCode.LIMIT_EXCEEDED, failure.code());
      service.go.countDown();
      assertEquals("done", Setup.result(first));
      assertNotExecuted(failure, "second");
    }
  }

  @Test
  void noWhenThePeerRefuses() throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG)) {
      tunnel.peer().stopServing();
      TunnelException failure = Setup.lost(tunnel.post("/", "a"), Delivered.NO);
      assertEquals(ErrorCode.REFUSED, failure.code());
      assertEquals("the peer refused the call: it serves nothing now", failure.reason());
      assertNotExecuted(failure, "a");
    }
  }

  @Test
  void noForACallThatBeginsWhileThePeerDrains() throws Exception {
    try (TunnelServer server = Setup.server().build()) {
      server.onConnection(peer -> peer.serve(service));
      server.start();
      try (SocketConnection connection = Setup.client(server).reconnectOff().build().connect()) {
        OkHttpClient http = Setup.http(connection);
        CompletableFuture<String> running = Setup.async(() -> text(http, "/gate", "running"));
        Setup.await(service.arrived);
        CompletableFuture<Object> stop =
            Setup.async(
                () -> {
                  server.stop(TunnelServer.STOP_TIMEOUT);
                  return null;
                });
        Await.until("drain", () -> !connection.isOpen());
        TunnelException failure =
            Setup.lost(Setup.async(() -> text(http, "/", "late")), Delivered.NO);
        assertEquals(ErrorCode.GOING_AWAY, failure.code());
        service.go.countDown();
        assertEquals("done", Setup.result(running));
        Setup.result(stop);
        assertNotExecuted(failure, "late");
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void unknownWhenItWasSentAndNothingCameBack(Http version) throws Exception {
    try (Tunnel tunnel = new Tunnel(Duration.ZERO)) {
      OkHttpClient http = version.of(tunnel.http);
      assertEquals("done", text(http, "/", "before"));
      CompletableFuture<String> answer = tunnel.post(http, "/gate", "a");
      Setup.await(service.arrived);
      tunnel.proxy.inject(Fault.RESET);
      TunnelException failure = Setup.lost(answer, Delivered.UNKNOWN);
      assertEquals(ErrorCode.CONNECTION_LOST, failure.code());
      assertTrue(failure.reason().startsWith("the connection was ended by"), failure.reason());
      assertEquals(1, service.of("a"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void unknownWhileTheBodyIsBeingSent(Http version) throws Exception {
    try (Tunnel tunnel = new Tunnel(Duration.ZERO)) {
      RequestBody body =
          body(
              sink -> {
                sink.writeUtf8("first").flush();
                awaitQuietly(service.arrived);
                tunnel.proxy.inject(Fault.RESET);
                while (true) {
                  sink.write(new byte[1000]).flush();
                }
              });
      CompletableFuture<Response> answer =
          Setup.async(
              () ->
                  version
                      .of(tunnel.http)
                      .newCall(Executions.post("/gate", "a").post(body).build())
                      .execute());
      assertEquals(ErrorCode.CONNECTION_LOST, Setup.lost(answer, Delivered.UNKNOWN).code());
      assertEquals(1, service.of("a"));
    }
  }

  /** A body may be what another call has answered: its failure says nothing about this call. */
  @Test
  void aFailureOfTheBodysOwnSourceSaysWhatBecameOfThisCall() throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG)) {
      RequestBody body =
          body(
              sink -> {
                sink.writeUtf8("first").flush();
                awaitQuietly(service.arrived);
                throw new TunnelException(ErrorCode.REFUSED, Delivered.NO, "another call", null);
              });
      CompletableFuture<Response> answer =
          Setup.async(
              () ->
                  tunnel.http.newCall(Executions.post("/gate", "a").post(body).build()).execute());
      Setup.lost(answer, Delivered.UNKNOWN);
      assertEquals(1, service.of("a"));
    }
  }

  private interface Writer {
    void write(BufferedSink sink) throws IOException;
  }

  private static RequestBody body(Writer writer) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return null;
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        writer.write(sink);
      }
    };
  }

  private static void awaitQuietly(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void yesInTheMiddleOfTheResponsesBody(Http version) throws Exception {
    try (Tunnel tunnel = new Tunnel(Duration.ZERO);
        Response response =
            version.of(tunnel.http).newCall(Executions.post("/half", "a").build()).execute()) {
      assertEquals("half", response.body().source().readUtf8(4));
      tunnel.proxy.inject(Fault.RESET);
      TunnelException failure =
          assertThrows(TunnelException.class, () -> response.body().source().readByte());
      assertEquals(Delivered.YES, failure.delivered());
      assertEquals(ErrorCode.CONNECTION_LOST, failure.code());
      assertEquals(1, service.of("a"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void yesForTheTrailersToo(Http version) throws Exception {
    try (Tunnel tunnel = new Tunnel(Duration.ZERO);
        Response response =
            version.of(tunnel.http).newCall(Executions.post("/half", "a").build()).execute()) {
      tunnel.proxy.inject(Fault.RESET);
      TunnelException failure = assertThrows(TunnelException.class, response::trailers);
      assertEquals(Delivered.YES, failure.delivered());
    }
  }

  @Test
  void yesOnceARedirectWasFollowed() throws Exception {
    try (Tunnel tunnel = new Tunnel(Duration.ZERO)) {
      CompletableFuture<String> answer = tunnel.post("/moved", "a");
      Setup.await(service.arrived);
      tunnel.proxy.inject(Fault.RESET);
      Setup.lost(answer, Delivered.YES);
    }
  }

  @Test
  void everyCallFailsAtOnceWhenTheServerWasRestarted() throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG);
        TunnelServer restarted = Setup.server().build()) {
      restarted.onConnection(peer -> peer.serve(service));
      restarted.start();
      CompletableFuture<String> waiting = tunnel.post("/gate", "waiting");
      Setup.await(service.arrived);
      try (Response half =
          h2(tunnel.http).newCall(Executions.post("/half", "half").build()).execute()) {
        assertEquals("half", half.body().source().readUtf8(4));

        tunnel.proxy.target(restarted.address());
        tunnel.proxy.inject(Fault.RESET);

        TunnelException lost = Setup.lost(waiting, Delivered.UNKNOWN);
        assertEquals(ErrorCode.UNKNOWN_CONNECTION, lost.code());
        assertEquals(
            "the connection was ended by the peer: there is no such connection to resume",
            lost.reason());
        TunnelException cut =
            assertThrows(TunnelException.class, () -> half.body().source().readByte());
        assertEquals(ErrorCode.UNKNOWN_CONNECTION, cut.code());
        assertEquals(Delivered.YES, cut.delivered());
        assertEquals("done", text(tunnel.http, "/", "after"));
      }
    }
  }

  @Test
  void unknownWhenTheTimeToResumeRunsOut() throws Exception {
    try (Tunnel tunnel = new Tunnel(Duration.ofSeconds(1))) {
      CompletableFuture<String> answer = tunnel.post("/gate", "a");
      Setup.await(service.arrived);
      tunnel.detach();
      TunnelException failure = Setup.lost(answer, Delivered.UNKNOWN);
      assertEquals(ErrorCode.CONNECTION_LOST, failure.code());
      assertTrue(failure.reason().endsWith("and not resumed within 1 s"), failure.reason());
    }
  }

  @Test
  void theServersCallsSayTheSame() throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG)) {
      tunnel.connection.serve(service);
      SocketConnection peer = tunnel.peer();
      OkHttpClient http = Setup.http(peer);
      CompletableFuture<String> sent = tunnel.post(http, "/gate", "sent");
      Setup.await(service.arrived);
      tunnel.detach();
      Await.until("detached", peer::detached);
      OkHttpClient hasty = http.newBuilder().connectTimeout(Duration.ofMillis(100)).build();
      assertNotExecuted(Setup.lost(tunnel.post(hasty, "/", "unsent"), Delivered.NO), "unsent");
      peer.abort();
      Setup.lost(sent, Delivered.UNKNOWN);
      assertEquals(1, service.of("sent"));
    }
  }

  @Test
  void aWebSocketsListenerHearsIt() throws Exception {
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    CountDownLatch open = new CountDownLatch(1);
    try (Tunnel tunnel = new Tunnel(LONG)) {
      tunnel.peer().streams().streamHandler(onItsOwnThread(DeliveryTest::upgrade));
      WebSocketListener listener =
          new WebSocketListener() {
            @Override
            public void onOpen(WebSocket socket, Response response) {
              open.countDown();
            }

            @Override
            public void onFailure(WebSocket socket, Throwable failure, Response response) {
              failures.add(failure);
            }
          };
      WebSocket unused = tunnel.http.newWebSocket(Setup.request(), listener);
      Setup.await(open);
      tunnel.connection.abort();
      TunnelException broken = assertInstanceOf(TunnelException.class, failures.take());
      assertEquals(ErrorCode.ABORTED, broken.code());
      assertEquals(Delivered.YES, broken.delivered());
      WebSocket late = tunnel.http.newWebSocket(Setup.request(), listener);
      assertEquals(
          Delivered.NO, assertInstanceOf(TunnelException.class, failures.take()).delivered());
      late.cancel();
    }
  }

  /** Answers the handshake of a WebSocket, whatever else it may say. */
  private static void upgrade(TunnelStream stream) throws IOException {
    BufferedSource request = Okio.buffer(Okio.source(stream.inputStream()));
    String key = "";
    for (String line = request.readUtf8LineStrict();
        !line.isEmpty();
        line = request.readUtf8LineStrict()) {
      if (line.startsWith("Sec-WebSocket-Key: ")) {
        key = line.substring(19);
      }
    }
    String accept =
        ByteString.encodeUtf8(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").sha1().base64();
    stream
        .outputStream()
        .write(
            ("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                    + "Sec-WebSocket-Accept: "
                    + accept
                    + "\r\n\r\n")
                .getBytes(US_ASCII));
  }

  private interface StreamTask {
    void run(TunnelStream stream) throws IOException;
  }

  private static StreamConnection.StreamHandler onItsOwnThread(StreamTask task) {
    return stream -> {
      CompletableFuture<Object> unused =
          Setup.async(
              () -> {
                task.run(stream);
                return null;
              });
    };
  }

  @Test
  void unknownWhenThePeerEndsTheStreamInsteadOfAnswering() throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG)) {
      tunnel
          .peer()
          .streams()
          .streamHandler(
              onItsOwnThread(
                  stream -> {
                    assertTrue(stream.inputStream().read() > 0);
                    stream.shutdownOutput();
                  }));
      TunnelException failure = Setup.lost(tunnel.post("/", "a"), Delivered.UNKNOWN);
      assertEquals("the peer has ended the stream instead of answering", failure.reason());
      assertTrue(failure.getCause().getMessage().startsWith("unexpected end of stream"));
    }
  }

  @Test
  void whatTheServiceItselfBreaksOffIsNotTheConnectionsDoing() throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG);
        Response response =
            tunnel.http.newCall(Executions.post("/broken", "a").build()).execute()) {
      IOException failure = assertThrows(IOException.class, () -> response.body().bytes());
      assertFalse(failure instanceof TunnelException, failure.toString());
    }
  }

  @Test
  void timeoutsAndCancelAreOkHttps() throws Exception {
    try (Tunnel tunnel = new Tunnel(LONG)) {
      OkHttpClient hasty = tunnel.http.newBuilder().readTimeout(Duration.ofMillis(50)).build();
      assertInstanceOf(
          SocketTimeoutException.class, Setup.failure(tunnel.post(hasty, "/gate", "timeout")));
      Call call = tunnel.http.newCall(Executions.post("/gate", "cancel").build());
      CompletableFuture<Response> answer = Setup.async(call::execute);
      Await.until("arrival", () -> service.of("cancel") == 1);
      call.cancel();
      Throwable failure = Setup.failure(answer);
      assertFalse(failure instanceof TunnelException, failure.toString());
    }
  }
}
