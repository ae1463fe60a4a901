package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.ConnectionEvents;
import io.culvert.SocketConnection;
import io.culvert.frame.ErrorCode;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which connections a server has, and what it says about them. */
@Timeout(60)
class ServerConnectionsTest {
  private final EventLog events = new EventLog();
  private TunnelServer server;

  @BeforeEach
  void start() throws Exception {
    server = Setup.server().build().start();
    server.events().listen(events);
  }

  @AfterEach
  void nothingIsLeft() {
    server.close();
    Await.noThreads("culvert-");
  }

  private SocketConnection connect(String app) throws Exception {
    SocketConnection connection =
        Setup.client(server).metadata("app", app).metadata("zone", "a").build().connect();
    // Else one that is closed at once may never have existed for the server.
    byServer(connection);
    return connection;
  }

  private SocketConnection byServer(SocketConnection client) {
    Await.until("the server has it", () -> server.connection(client.id()).isPresent());
    return server.connection(client.id()).orElseThrow();
  }

  @Test
  void connectionsAreFoundByIdAndByMetadata() throws Exception {
    try (SocketConnection first = connect("one");
        SocketConnection second = connect("two")) {
      SocketConnection seenFirst = byServer(first);
      SocketConnection seenSecond = byServer(second);
      assertNotEquals(first.id(), second.id());
      assertTrue(first.id().matches("[0-9a-f]{32}"));
      assertEquals(List.of(seenFirst), server.connections(Map.of("app", "one")));
      assertEquals(List.of(seenSecond), server.connections(Map.of("app", "two", "zone", "a")));
      assertEquals(2, server.connections(Map.of("zone", "a")).size());
      assertEquals(2, server.connections(Map.of()).size());
      assertEquals(List.of(), server.connections(Map.of("app", "three")));
      assertEquals(List.of(), server.connections(Map.of("absent", "one")));
      assertEquals(Optional.empty(), server.connection("0".repeat(32)));
      assertThrows(UnsupportedOperationException.class, () -> server.connections().clear());
    }
    Await.until("it forgets connections that have ended", () -> server.connections().isEmpty());
  }

  @Test
  void aConnectionKnowsItsAddressesAndMetadata() throws Exception {
    try (SocketConnection client = connect("one")) {
      SocketConnection seen = byServer(client);
      assertEquals(client.localAddress(), seen.remoteAddress());
      assertEquals(client.remoteAddress(), seen.localAddress());
      assertTrue(((InetSocketAddress) seen.remoteAddress()).getAddress().isLoopbackAddress());
      assertEquals(Map.of("app", "one", "zone", "a"), seen.metadata());
      assertEquals(seen.metadata(), client.metadata());
      assertThrows(UnsupportedOperationException.class, () -> seen.metadata().put("a", "b"));
      assertFalse(seen.secure());
      assertTrue(seen.isOpen());
      assertFalse(seen.streams().dialer());
      assertTrue(client.streams().dialer());
      assertEquals("connection " + client.id(), seen.toString());
    }
  }

  @Test
  void theHandlerGetsEachConnectionBeforeAnyCallIsServed() throws Exception {
    CountDownLatch mayServe = new CountDownLatch(1);
    BlockingQueue<SocketConnection> handled = new LinkedBlockingQueue<>();
    server.onConnection(
        connection -> {
          handled.add(connection);
          try {
            Setup.await(mayServe);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          connection.serve(TestServlet.saying("after the handler"));
        });
    try (SocketConnection client = connect("one")) {
      SocketConnection seen = handled.poll(30, TimeUnit.SECONDS);
      assertSame(byServer(client), seen);
      CompletableFuture<String> call = Setup.async(() -> Setup.get(client));
      Await.until("the call has come", () -> seen.activeStreams() == 1);
      assertFalse(call.isDone());
      mayServe.countDown();
      assertEquals("after the handler", Setup.result(call));
    }
  }

  @Test
  void theHandlerMayCallBack() throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    server.onConnection(
        connection -> {
          try {
            answer.complete(Setup.get(connection));
          } catch (Exception e) {
            answer.completeExceptionally(e);
          }
        });
    try (SocketConnection client = connect("one")) {
      client.serve(TestServlet.saying("from behind"));
      assertEquals("from behind", Setup.result(answer));
    }
  }

  @Test
  void aHandlerThatThrowsEndsOnlyThatConnection() throws Exception {
    server.onConnection(
        connection -> {
          switch (connection.metadata().get("app")) {
            case "exception" -> throw new IllegalStateException("on purpose");
            case "error" -> throw new AssertionError("on purpose");
            default -> connection.serve(TestServlet.saying("served"));
          }
        });
    try (SocketConnection good = connect("good")) {
      events.next(ConnectionEvent.Type.RECEIVED);
      for (String app : List.of("exception", "error")) {
        SocketConnection bad =
            Setup.client(server).metadata("app", app).reconnectOff().build().connect();
        events.next(ConnectionEvent.Type.RECEIVED);
        assertEquals(ErrorCode.INTERNAL_ERROR, events.next(ConnectionEvent.Type.FAILED).code());
        Await.until("it is gone", () -> server.connections().size() == 1);
        bad.close();
      }
      assertEquals("served", Setup.get(good));
    }
  }

  @Test
  void eventsTellTheWholeLifeOfAConnection() throws Exception {
    SocketConnection closed = connect("one");
    ConnectionEvent received = events.next(ConnectionEvent.Type.RECEIVED);
    assertEquals(closed.id(), received.connectionId());
    assertEquals(Map.of("app", "one", "zone", "a"), received.metadata());
    assertEquals(closed.localAddress(), received.remoteAddress());
    assertEquals(ErrorCode.NO_ERROR, received.code());
    closed.close();
    ConnectionEvent end = events.next(ConnectionEvent.Type.CLOSED);
    assertEquals(closed.id(), end.connectionId());
    assertEquals(ErrorCode.NO_ERROR, end.code());
    assertEquals("closed", end.reason());

    SocketConnection failed = connect("two");
    events.next(ConnectionEvent.Type.RECEIVED);
    failed.abort();
    assertEquals(ErrorCode.ABORTED, events.next(ConnectionEvent.Type.FAILED).code());
  }

  @Test
  void aListenerThatThrowsHearsTheNextEvent() throws Exception {
    EventLog log = new EventLog();
    server
        .events()
        .listen(
            event -> {
              log.accept(event);
              throw new IllegalStateException("on purpose");
            });
    connect("one").close();
    log.next(ConnectionEvent.Type.RECEIVED);
    log.next(ConnectionEvent.Type.CLOSED);
  }

  @Test
  void aSlowSubscriberHoldsNobodyUpAndWhatItMissesIsCounted() throws Exception {
    Stuck stuck = new Stuck();
    server.events().subscribe(stuck);
    int connections = ConnectionEvents.BUFFER;
    for (int i = 0; i < connections; i++) {
      connect("one").close();
      events.next(ConnectionEvent.Type.RECEIVED);
      events.next(ConnectionEvent.Type.CLOSED);
    }
    // One buffer of it is waiting, and the rest was dropped, for the slow one alone.
    long missed = 2L * connections - ConnectionEvents.BUFFER;
    Await.until("all that it missed is counted", () -> server.events().dropped() >= missed);
    stuck.subscription.request(Long.MAX_VALUE);
    server.close();
    Setup.await(stuck.completed);
    assertEquals(ConnectionEvents.BUFFER, stuck.received.size());
    assertEquals(missed, server.events().dropped());
  }

  @Test
  void anEventAfterTheEndHarmsNobody() {
    ConnectionEvents closed = new ConnectionEvents(Runnable::run);
    closed.close();
    closed.publish(anEvent());
    AtomicBoolean over = new AtomicBoolean();
    ConnectionEvents withoutThreads =
        new ConnectionEvents(
            task -> {
              if (over.get()) {
                throw new RejectedExecutionException();
              }
              task.run();
            });
    withoutThreads.listen(events);
    over.set(true);
    withoutThreads.publish(anEvent());
    assertEquals(0, events.waiting());
  }

  private static ConnectionEvent anEvent() {
    return new ConnectionEvent(
        ConnectionEvent.Type.RECEIVED,
        "",
        Map.of(),
        null,
        Instant.EPOCH,
        ErrorCode.NO_ERROR,
        "",
        null);
  }

  /** Asks for nothing. */
  private static final class Stuck implements Flow.Subscriber<ConnectionEvent> {
    private final BlockingQueue<ConnectionEvent> received = new LinkedBlockingQueue<>();
    private final CountDownLatch completed = new CountDownLatch(1);
    private volatile Flow.Subscription subscription;

    @Override
    public void onSubscribe(Flow.Subscription s) {
      subscription = s;
    }

    @Override
    public void onNext(ConnectionEvent event) {
      received.add(event);
    }

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onComplete() {
      completed.countDown();
    }
  }
}
