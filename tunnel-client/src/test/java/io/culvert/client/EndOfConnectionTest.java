package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.frame.ErrorCode;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Fault;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** close, abort and stop, from wherever they are called. */
class EndOfConnectionTest {
  /** Longer than any test may take: a close that needs its bound fails by the test's timeout. */
  private static final Duration UNBOUNDED = Duration.ofHours(1);

  private final EventLog clientEvents = new EventLog();
  private final EventLog serverEvents = new EventLog();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch mayAnswer = new CountDownLatch(1);

  @AfterEach
  void nothingIsLeft() {
    mayAnswer.countDown();
    Await.noThreads("culvert-");
  }

  private TunnelServer start(TestServlet servlet) throws Exception {
    TunnelServer server = Setup.server().build();
    server.onConnection(connection -> connection.serve(servlet));
    server.events().listen(serverEvents);
    return server.start();
  }

  private SocketConnection connect(TunnelServer server) throws Exception {
    SocketConnection connection =
        Setup.client(server).reconnect(Setup.eager()).onEvent(clientEvents).build().connect();
    clientEvents.next(ConnectionEvent.Type.RECEIVED);
    serverEvents.next(ConnectionEvent.Type.RECEIVED);
    return connection;
  }

  private TestServlet gate() {
    return TestServlet.gate(entered, mayAnswer, "done");
  }

  private static SocketConnection only(TunnelServer server) {
    return server.connections().iterator().next();
  }

  // close

  @Test
  @Timeout(60)
  void closeLetsARunningExchangeFinish() throws Exception {
    try (TunnelServer server = start(gate())) {
      SocketConnection connection = connect(server);
      CompletableFuture<String> call = Setup.async(() -> Setup.get(connection));
      Setup.await(entered);
      CompletableFuture<Void> closing =
          Setup.async(
              () -> {
                connection.close(UNBOUNDED);
                return null;
              });
      Await.until("no new calls are taken", () -> !connection.isOpen());
      Setup.lost(Setup.async(() -> Setup.get(connection)), Delivered.NO);
      assertFalse(closing.isDone());
      mayAnswer.countDown();
      assertEquals("done", Setup.result(call));
      Setup.result(closing);
      ConnectionEvent end = clientEvents.next(ConnectionEvent.Type.CLOSED);
      assertEquals(ErrorCode.NO_ERROR, end.code());
      serverEvents.next(ConnectionEvent.Type.CLOSED);
      Await.noThreads("culvert-client");
    }
  }

  @Test
  @Timeout(60)
  void closeLetsAnExchangeOfThePeerFinish() throws Exception {
    try (TunnelServer server = start(TestServlet.saying(""))) {
      SocketConnection connection = connect(server);
      connection.serve(gate());
      SocketConnection back = only(server);
      CompletableFuture<String> call = Setup.async(() -> Setup.get(back));
      Setup.await(entered);
      CompletableFuture<Void> closing =
          Setup.async(
              () -> {
                connection.close(UNBOUNDED);
                return null;
              });
      Await.until("the peer takes no new calls", () -> !back.isOpen());
      Setup.lost(Setup.async(() -> Setup.get(back)), Delivered.NO);
      mayAnswer.countDown();
      assertEquals("done", Setup.result(call));
      Setup.result(closing);
    }
  }

  @Test
  @Timeout(60)
  void closeCutsWhatTakesLongerThanItsBound() throws Exception {
    try (TunnelServer server = start(gate())) {
      SocketConnection connection = connect(server);
      CompletableFuture<String> call = Setup.async(() -> Setup.get(connection));
      Setup.await(entered);
      connection.close(Duration.ofMillis(50));
      Setup.lost(call, Delivered.UNKNOWN);
      clientEvents.next(ConnectionEvent.Type.CLOSED);
      mayAnswer.countDown();
    }
  }

  @Test
  @Timeout(60)
  void idlePooledSocketsOfEitherSideDoNotHoldCloseUp() throws Exception {
    try (TunnelServer server = start(TestServlet.saying("a"))) {
      SocketConnection connection = connect(server);
      connection.serve(TestServlet.saying("b"));
      SocketConnection back = only(server);
      OkHttpClient there = Setup.http(connection);
      OkHttpClient here = Setup.http(back);
      assertEquals("a", Setup.get(there));
      assertEquals("b", Setup.get(here));
      assertTrue(connection.activeStreams() >= 2, "the pools keep their sockets");
      connection.close(UNBOUNDED);
      clientEvents.next(ConnectionEvent.Type.CLOSED);
    }
  }

  @Test
  @Timeout(60)
  void aDeadPeerDoesNotHoldCloseUp() throws Exception {
    try (TunnelServer server = start(gate());
        FaultProxy proxy = new FaultProxy(server.address())) {
      SocketConnection connection =
          Setup.client(proxy.address()).onEvent(clientEvents).build().connect();
      clientEvents.next(ConnectionEvent.Type.RECEIVED);
      proxy.inject(Fault.BLACK_HOLE);
      connection.close(Duration.ofMillis(10));
      clientEvents.next(ConnectionEvent.Type.CLOSED);
      Await.noThreads("culvert-client");
      proxy.inject(Fault.CUT);
    }
  }

  @Test
  @Timeout(60)
  void anInterruptHurriesClose() throws Exception {
    try (TunnelServer server = start(gate())) {
      SocketConnection connection = connect(server);
      CompletableFuture<String> call = Setup.async(() -> Setup.get(connection));
      Setup.await(entered);
      Thread.currentThread().interrupt();
      connection.close(UNBOUNDED);
      assertTrue(Thread.interrupted());
      Setup.lost(call, Delivered.UNKNOWN);
      mayAnswer.countDown();
    }
  }

  // abort

  @Test
  @Timeout(60)
  void abortFailsARequestThatWasSent() throws Exception {
    try (TunnelServer server = start(gate())) {
      SocketConnection connection = connect(server);
      CompletableFuture<String> call = Setup.async(() -> Setup.get(connection));
      Setup.await(entered);
      connection.abort();
      assertEquals(ErrorCode.ABORTED, Setup.lost(call, Delivered.UNKNOWN).code());
      assertEquals(ErrorCode.ABORTED, clientEvents.next(ConnectionEvent.Type.FAILED).code());
      assertEquals(ErrorCode.ABORTED, serverEvents.next(ConnectionEvent.Type.FAILED).code());
      mayAnswer.countDown();
    }
  }

  @Test
  @Timeout(60)
  void abortFailsAResponseThatHasBegun() throws Exception {
    TestServlet begins =
        new TestServlet(
            (request, response) -> {
              response.getOutputStream().write('x');
              response.flushBuffer();
              mayAnswer.await();
            });
    try (TunnelServer server = start(begins)) {
      SocketConnection connection = connect(server);
      try (Response response = Setup.http(connection).newCall(Setup.request()).execute()) {
        InputStream body = response.body().byteStream();
        assertEquals('x', body.read());
        connection.abort();
        Setup.lost(Setup.async(body::read), Delivered.YES);
      }
      mayAnswer.countDown();
    }
  }

  @Test
  @Timeout(60)
  void theEndIsPublishedHoweverSoonItComes() throws Exception {
    try (TunnelServer server = start(gate())) {
      for (int i = 0; i < 100; i++) {
        connect(server).abort();
        clientEvents.next(ConnectionEvent.Type.FAILED);
        serverEvents.next(ConnectionEvent.Type.FAILED);
      }
    }
  }

  @Test
  @Timeout(60)
  void callsAfterAbortFailAtOnceAsNotDelivered() throws Exception {
    try (TunnelServer server = start(gate())) {
      SocketConnection connection = connect(server);
      connection.abort();
      connection.abort();
      Setup.lost(Setup.async(() -> Setup.get(connection)), Delivered.NO);
      assertThrows(
          IllegalStateException.class,
          () -> {
            Await.noThreads("culvert-client");
            connection.serve(TestServlet.saying("too late"));
          });
    }
  }

  @Test
  @Timeout(60)
  void theServersAbortFailsTheClientsCalls() throws Exception {
    try (TunnelServer server = start(gate())) {
      SocketConnection connection =
          Setup.client(server).reconnectOff().onEvent(clientEvents).build().connect();
      CompletableFuture<String> call = Setup.async(() -> Setup.get(connection));
      Setup.await(entered);
      only(server).abort();
      assertEquals(ErrorCode.ABORTED, Setup.lost(call, Delivered.UNKNOWN).code());
      mayAnswer.countDown();
    }
  }

  // From inside.

  @Test
  @Timeout(60)
  void aServletMayCloseItsConnection() throws Exception {
    AtomicReference<SocketConnection> own = new AtomicReference<>();
    CompletableFuture<Boolean> returned = new CompletableFuture<>();
    TestServlet closes =
        new TestServlet(
            (request, response) -> {
              own.get().close(Duration.ofMillis(50));
              returned.complete(true);
            });
    try (TunnelServer server = start(TestServlet.saying(""))) {
      SocketConnection connection = connect(server);
      own.set(connection);
      connection.serve(closes);
      SocketConnection back = only(server);
      CompletableFuture<String> call = Setup.async(() -> Setup.get(back));
      assertTrue(Setup.result(returned));
      Setup.lost(call, Delivered.UNKNOWN);
    }
  }

  @Test
  @Timeout(60)
  void aListenerMayCloseTheConnection() throws Exception {
    AtomicReference<SocketConnection> own = new AtomicReference<>();
    CountDownLatch assigned = new CountDownLatch(1);
    CompletableFuture<Boolean> returned = new CompletableFuture<>();
    try (TunnelServer server = start(TestServlet.saying(""))) {
      own.set(
          Setup.client(server)
              .onEvent(
                  event -> {
                    if (event.type() == ConnectionEvent.Type.RECEIVED) {
                      try {
                        assigned.await();
                      } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                      }
                      own.get().close();
                      returned.complete(true);
                    }
                  })
              .build()
              .connect());
      assigned.countDown();
      assertTrue(Setup.result(returned));
    }
  }

  @Test
  @Timeout(60)
  void theHandlerOfNewConnectionsMayCloseThem() throws Exception {
    TunnelServer server = Setup.server().build();
    server.onConnection(SocketConnection::close);
    server.events().listen(serverEvents);
    try (server) {
      server.start();
      Setup.client(server).reconnectOff().onEvent(clientEvents).build().connect();
      clientEvents.next(ConnectionEvent.Type.RECEIVED);
      clientEvents.next(ConnectionEvent.Type.CLOSED);
      serverEvents.next(ConnectionEvent.Type.RECEIVED);
      serverEvents.next(ConnectionEvent.Type.CLOSED);
    }
  }

  // A servlet that fails.

  @Test
  @Timeout(60)
  void aServletThatThrowsAnswers500AndHarmsNothingElse() throws Exception {
    TestServlet throwsSometimes =
        new TestServlet(
            (request, response) -> {
              switch (request.getRequestURI()) {
                case "/exception" -> throw new IllegalStateException("on purpose");
                case "/error" -> throw new AssertionError("on purpose");
                case "/gate" -> {
                  entered.countDown();
                  mayAnswer.await();
                }
                default -> {}
              }
              response.getWriter().print("done");
            });
    try (TunnelServer server = start(throwsSometimes)) {
      SocketConnection connection = connect(server);
      OkHttpClient http = Setup.http(connection);
      CompletableFuture<String> other =
          Setup.async(
              () -> {
                try (Response response =
                    http.newCall(Setup.request().newBuilder().url("http://pets/gate").build())
                        .execute()) {
                  return response.body().string();
                }
              });
      Setup.await(entered);
      for (String path : new String[] {"exception", "error"}) {
        try (Response response =
            http.newCall(Setup.request().newBuilder().url("http://pets/" + path).build())
                .execute()) {
          assertEquals(500, response.code());
        }
      }
      mayAnswer.countDown();
      assertEquals("done", Setup.result(other));
      assertEquals("done", Setup.get(http));
      connection.close();
    }
  }

  // stop

  @Test
  @Timeout(60)
  void aServerThatStopsLetsRunningRequestsFinishAndRefusesNewOnes() throws Exception {
    TunnelServer server = start(gate());
    SocketConnection connection =
        Setup.client(server).reconnectOff().onEvent(clientEvents).build().connect();
    CompletableFuture<String> running = Setup.async(() -> Setup.get(connection));
    Setup.await(entered);
    CompletableFuture<Void> stopping =
        Setup.async(
            () -> {
              server.stop(UNBOUNDED);
              return null;
            });
    Await.until("the client knows", () -> !connection.isOpen());
    CompletableFuture<String> late =
        Setup.async(
            () ->
                Setup.get(
                    Setup.http(connection)
                        .newBuilder()
                        .connectTimeout(Duration.ofMillis(50))
                        .build()));
    Setup.lost(late, Delivered.NO);
    assertThrows(java.io.IOException.class, () -> Setup.client(server).build().connect());
    assertFalse(stopping.isDone());
    mayAnswer.countDown();
    assertEquals("done", Setup.result(running));
    Setup.result(stopping);
    serverEvents.next(ConnectionEvent.Type.RECEIVED);
    serverEvents.next(ConnectionEvent.Type.CLOSED);
    clientEvents.next(ConnectionEvent.Type.RECEIVED);
    clientEvents.next(ConnectionEvent.Type.CLOSED);
    server.close();
  }

  @Test
  @Timeout(60)
  void aServerThatStopsPublishesEveryEndAndCompletesItsSubscribers() throws Exception {
    for (int round = 0; round < 20; round++) {
      EventLog log = new EventLog();
      TunnelServer server = Setup.server().build();
      server.events().listen(log);
      server.start();
      SocketConnection connection = Setup.client(server).reconnectOff().build().connect();
      log.next(ConnectionEvent.Type.RECEIVED);
      server.stop(Duration.ZERO);
      log.next(ConnectionEvent.Type.CLOSED);
      connection.close();
    }
  }
}
