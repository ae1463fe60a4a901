package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.LinkStatistics;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.testkit.RecordingListener;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How connections end that have no WebSocket at that time, or are about to get one. */
@Timeout(120)
class LinkEndsTest {
  private final EventLog events = new EventLog();
  private final EventLog serverEvents = new EventLog();
  private final Wiretap wiretap = new Wiretap();
  private final CompletableFuture<Long> drained = new CompletableFuture<>();
  private final CountDownLatch arrived = new CountDownLatch(1);
  private final CountDownLatch mayAnswer = new CountDownLatch(1);

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
    assertTrue(wiretap.taps().stream().allMatch(Wiretap.Tap::closed), "a WebSocket is left open");
  }

  private TunnelServer start(TunnelServer.Builder builder) throws IOException {
    TunnelServer server = builder.build();
    server.events().listen(serverEvents);
    server.onConnection(
        connection -> connection.serve(TestServlet.gate(arrived, mayAnswer, "answered")));
    return server.start();
  }

  private TunnelClient.Builder client(TunnelServer server) {
    return Setup.client(server).webSocket(wiretap).reconnect(Setup.eager()).onEvent(events);
  }

  private CompletableFuture<String> requestInFlight(SocketConnection connection) throws Exception {
    CompletableFuture<String> answer = Setup.async(() -> Setup.get(connection));
    Setup.await(arrived);
    return answer;
  }

  /** The network is gone on both sides. */
  private void cutForNow() throws InterruptedException {
    wiretap.down(true);
    wiretap.cut();
    events.next(ConnectionEvent.Type.RECEIVED);
    events.next(ConnectionEvent.Type.DETACHED);
    serverEvents.next(ConnectionEvent.Type.RECEIVED);
    serverEvents.next(ConnectionEvent.Type.DETACHED);
  }

  @Test
  void closeWaitsForTheRequestThatRunsWhichMayResumeMeanwhile() throws Exception {
    try (TunnelServer server = start(Setup.server())) {
      SocketConnection connection = client(server).build().connect();
      CompletableFuture<String> answer = requestInFlight(connection);
      cutForNow();

      CompletableFuture<Void> closing =
          Setup.async(
              () -> {
                connection.close(RecordingListener.HANG_GUARD);
                return null;
              });
      Await.until("it takes no new calls", () -> !connection.isOpen());
      wiretap.down(false);
      events.next(ConnectionEvent.Type.RESUMED);
      serverEvents.next(ConnectionEvent.Type.RESUMED);
      assertFalse(closing.isDone());
      mayAnswer.countDown();

      assertEquals("answered", Setup.result(answer));
      Setup.result(closing);
      events.next(ConnectionEvent.Type.CLOSED);
      serverEvents.next(ConnectionEvent.Type.CLOSED);
      LinkStatistics once = server.linkStatistics();
      assertEquals(1, once.cuts());
      assertEquals(1, once.resumes());
      assertEquals(0, once.expired());
    }
  }

  @Test
  void closeOfADetachedConnectionEndsWithItsTimeout() throws Exception {
    try (TunnelServer server = start(Setup.server())) {
      SocketConnection connection = client(server).build().connect();
      CompletableFuture<String> answer = requestInFlight(connection);
      cutForNow();
      connection.close(Duration.ofMillis(50));
      Setup.lost(answer, Delivered.UNKNOWN);
      events.next(ConnectionEvent.Type.CLOSED);
      Await.noThreads("culvert-client");
      mayAnswer.countDown();
    }
    serverEvents.next(ConnectionEvent.Type.CLOSED);
  }

  @Test
  void abortOfADetachedConnectionEndsItAtOnce() throws Exception {
    try (TunnelServer server = start(Setup.server())) {
      SocketConnection connection = client(server).build().connect();
      CompletableFuture<String> answer = requestInFlight(connection);
      cutForNow();
      connection.abort();
      Setup.lost(answer, Delivered.UNKNOWN);
      assertEquals(ErrorCode.ABORTED, events.next(ConnectionEvent.Type.FAILED).code());
      Await.noThreads("culvert-client");
      mayAnswer.countDown();
    }
  }

  @Test
  void aServerStopsThoughItsConnectionsAreDetached() throws Exception {
    TunnelServer server = start(Setup.server());
    SocketConnection connection = client(server).build().connect();
    CompletableFuture<String> answer = requestInFlight(connection);
    cutForNow();
    server.stop(Duration.ofMillis(50));
    serverEvents.next(ConnectionEvent.Type.CLOSED);
    Await.noThreads("culvert-server");
    mayAnswer.countDown();
    connection.abort();
    Setup.lost(answer, Delivered.UNKNOWN);
  }

  @Test
  void aConnectionThatEndsWhileItIsResumedDropsTheNewWebSocket() throws Exception {
    try (TunnelServer server = start(Setup.server())) {
      SocketConnection connection = client(server).build().connect();
      wiretap.steal(Frame.Resume.class); // RESUMED never comes
      wiretap.cut();
      wiretap.stolen();
      Wiretap.Tap resuming = wiretap.newest();
      assertEquals(2, wiretap.taps().size());
      connection.abort();
      Await.until("the new WebSocket is dropped", resuming::closed);
      Await.noThreads("culvert-client");
    }
  }

  @Test
  void theResumeTimeEndsItAlsoWhileItIsResumed() throws Exception {
    try (TunnelServer server = start(Setup.server())) {
      SocketConnection connection =
          client(server).resumeTimeout(Duration.ofSeconds(1)).build().connect();
      events.next(ConnectionEvent.Type.RECEIVED);
      String first = connection.id();
      wiretap.steal(Frame.Resume.class);
      wiretap.cut();
      events.next(ConnectionEvent.Type.DETACHED);
      wiretap.stolen();
      Wiretap.Tap resuming = wiretap.newest();
      ConnectionEvent failed = events.next(ConnectionEvent.Type.FAILED);
      assertEquals(ErrorCode.CONNECTION_LOST, failed.code());
      Await.until("its WebSocket is dropped", resuming::closed);
      // The client makes a new connection; nothing of the old one wakes up any more.
      assertNotEquals(first, events.next(ConnectionEvent.Type.RECEIVED).connectionId());
      connection.close();
      events.next(ConnectionEvent.Type.CLOSED);
      assertEquals(0, events.waiting());
    }
  }

  @Test
  void aServerThatHasLostItsMemoryGetsANewConnectionAtOnce() throws Exception {
    TunnelServer first = start(Setup.server());
    SocketConnection connection = client(first).build().connect();
    connection.serve(TestServlet.saying("from the client"));
    CompletableFuture<String> answer = requestInFlight(connection);
    String id = connection.id();
    cutForNow();
    first.stop(Duration.ZERO);
    mayAnswer.countDown();
    try (TunnelServer second = start(Setup.server().address(first.address()))) {
      wiretap.down(false);
      ConnectionEvent failed = events.next(ConnectionEvent.Type.FAILED);
      assertEquals(id, failed.connectionId());
      assertEquals(ErrorCode.UNKNOWN_CONNECTION, failed.code());
      Setup.lost(answer, Delivered.UNKNOWN);
      String next = events.next(ConnectionEvent.Type.RECEIVED).connectionId();
      assertEquals(next, connection.id());
      Await.until("it is there", () -> second.connections().size() == 1);
      assertEquals("from the client", Setup.get(second.connections().iterator().next()));
      assertEquals("answered", Setup.get(connection));
      connection.close();
    }
  }

  @Test
  void aMovedConnectionLeavesNoWebSocketBehind() throws Exception {
    try (TunnelServer server = start(Setup.server());
        SocketConnection connection = client(server).build().connect()) {
      events.next(ConnectionEvent.Type.RECEIVED);
      for (int moves = 1; moves <= 20; moves++) {
        connection.migrate();
        events.next(ConnectionEvent.Type.RESUMED);
        Wiretap.Tap old = wiretap.taps().get(moves - 1);
        Await.until("the old WebSocket is closed", old::closed);
      }
      assertEquals(21, wiretap.taps().size());
      assertFalse(wiretap.newest().closed());
      assertEquals(20, connection.linkStatistics().resumes());
      assertEquals(0, connection.linkStatistics().cuts());
    }
  }

  @Test
  void aConnectionMovesAwayFromAWebSocketThatTakesNothing() throws Exception {
    try (TunnelServer server = start(Setup.server());
        FaultProxy proxy = new FaultProxy(server.address())) {
      server.onConnection(
          accepted ->
              accepted
                  .streams()
                  .streamHandler(
                      stream ->
                          new Thread(() -> drained.complete(drain(stream)), "test-drain").start()));
      try (SocketConnection connection =
          Setup.client(proxy.address())
              .webSocket(wiretap)
              .reconnect(Setup.eager())
              .onEvent(events)
              .build()
              .connect()) {
        events.next(ConnectionEvent.Type.RECEIVED);
        proxy.inject(Fault.STOP_READING);
        TunnelStream stream = connection.streams().open(Map.of(), RecordingListener.HANG_GUARD);
        CompletableFuture<Void> write =
            Setup.async(
                () -> {
                  stream.outputStream().write(new byte[32 << 20]);
                  stream.shutdownOutput();
                  return null;
                });
        Await.until("it is stuck", stream::stalled);
        connection.migrate();
        events.next(ConnectionEvent.Type.RESUMED);
        Setup.result(write);
        assertEquals(32 << 20, Setup.result(drained));
        assertEquals(-1, stream.inputStream().read());
        stream.close();
      }
    }
  }

  /** Reads to the end and answers with an end; returns how much that was. */
  private static long drain(TunnelStream stream) {
    try (stream) {
      long count = stream.inputStream().transferTo(OutputStream.nullOutputStream());
      stream.shutdownOutput();
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
