package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.websocket.Upgrade;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What happens to a client's connection when it breaks. */
class ReconnectTest {
  private final EventLog events = new EventLog();
  private final BlockingQueue<SocketConnection> accepted = new LinkedBlockingQueue<>();

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  private TunnelServer start(TunnelServer.Builder builder) throws IOException {
    TunnelServer server = builder.build();
    server.onConnection(
        connection -> {
          connection.serve(TestServlet.saying("from the server"));
          accepted.add(connection);
        });
    return server.start();
  }

  private SocketConnection nextAccepted() throws InterruptedException {
    return accepted.poll(30, TimeUnit.SECONDS);
  }

  @Test
  void aCutSocketIsReplacedAndWhatWasServedStaysServed() throws Exception {
    try (TunnelServer server = start(Setup.server().resumeTimeout(Duration.ZERO));
        FaultProxy proxy = new FaultProxy(server.address())) {
      SocketConnection connection =
          Setup.client(proxy.address()).reconnect(Setup.eager()).onEvent(events).build().connect();
      connection.serve(TestServlet.saying("from the client"));
      String first = events.next(ConnectionEvent.Type.RECEIVED).connectionId();
      assertEquals("from the client", Setup.get(nextAccepted()));

      proxy.inject(Fault.CUT);

      assertEquals(first, events.next(ConnectionEvent.Type.FAILED).connectionId());
      String second = events.next(ConnectionEvent.Type.RECEIVED).connectionId();
      assertNotEquals(first, second);
      assertEquals(second, connection.id());
      SocketConnection seenByServer = nextAccepted();
      assertEquals(second, seenByServer.id());
      assertEquals("from the client", Setup.get(seenByServer));
      assertEquals("from the server", Setup.get(connection));
      connection.close();
      assertEquals(second, events.next(ConnectionEvent.Type.CLOSED).connectionId());
    }
  }

  @Test
  void aRestartedServerIsFoundAgain() throws Exception {
    TunnelServer first = start(Setup.server().resumeTimeout(Duration.ZERO));
    SocketConnection connection =
        Setup.client(first).reconnect(Setup.eager()).onEvent(events).build().connect();
    nextAccepted();
    first.stop(Duration.ZERO);
    events.next(ConnectionEvent.Type.RECEIVED);
    events.next(ConnectionEvent.Type.CLOSED);
    try (TunnelServer second =
        start(TunnelServer.builder().resumeTimeout(Duration.ZERO).address(first.address()))) {
      assertEquals("from the server", Setup.get(connection));
      events.next(ConnectionEvent.Type.RECEIVED);
      assertEquals(1, second.connections().size());
      connection.close();
    }
  }

  @Test
  void callsThatBeginMeanwhileWaitUpToTheirConnectTimeout() throws Exception {
    AtomicBoolean busy = new AtomicBoolean();
    try (TunnelServer server =
            start(
                Setup.server()
                    .resumeTimeout(Duration.ZERO)
                    .authorizer(
                        request ->
                            busy.get()
                                ? Optional.of(new Upgrade.Refuse(503, "busy"))
                                : Optional.empty()));
        FaultProxy proxy = new FaultProxy(server.address());
        SocketConnection connection =
            Setup.client(proxy.address())
                .reconnect(Setup.eager())
                .onEvent(events)
                .build()
                .connect()) {
      events.next(ConnectionEvent.Type.RECEIVED);
      busy.set(true);
      proxy.inject(Fault.CUT);
      events.next(ConnectionEvent.Type.FAILED);

      CompletableFuture<String> patient = Setup.async(() -> Setup.get(connection));
      CompletableFuture<String> hasty =
          Setup.async(
              () ->
                  Setup.get(
                      Setup.http(connection)
                          .newBuilder()
                          .connectTimeout(Duration.ofMillis(50))
                          .build()));
      TunnelException lost = Setup.lost(hasty, Delivered.NO);
      assertEquals(ErrorCode.CONNECTION_LOST, lost.code());
      assertFalse(patient.isDone());

      busy.set(false);
      assertEquals("from the server", Setup.result(patient));
    }
  }

  @Test
  void theTimeToGiveUpEndsIt() throws Exception {
    TunnelServer server = start(Setup.server().resumeTimeout(Duration.ZERO));
    SocketConnection connection =
        Setup.client(server)
            .reconnect(Setup.eager().giveUpAfter(Duration.ofMillis(200)))
            .onEvent(events)
            .build()
            .connect();
    nextAccepted().abort();
    server.close();
    events.next(ConnectionEvent.Type.RECEIVED);
    assertEquals(ErrorCode.ABORTED, events.next(ConnectionEvent.Type.FAILED).code());
    // Waits in the socket for a connection that will never come, until dialing is given up.
    Setup.lost(Setup.async(() -> Setup.get(connection)), Delivered.NO);
    Await.noThreads("culvert-client");
    assertThrows(
        TunnelException.class, () -> connection.streams().open(Map.of(), Duration.ofDays(1)));
    connection.close();
  }

  @Test
  void aRefusalOfTheUpgradeEndsItForGood() throws Exception {
    AtomicBoolean revoked = new AtomicBoolean();
    try (TunnelServer server =
        start(
            Setup.server()
                .resumeTimeout(Duration.ZERO)
                .authorizer(
                    request ->
                        revoked.get()
                            ? Optional.of(new Upgrade.Refuse(401, "no such token"))
                            : Optional.empty()))) {
      SocketConnection connection =
          Setup.client(server).reconnect(Setup.eager()).onEvent(events).build().connect();
      events.next(ConnectionEvent.Type.RECEIVED);
      revoked.set(true);
      nextAccepted().abort();
      events.next(ConnectionEvent.Type.FAILED);
      Setup.lost(Setup.async(() -> Setup.get(connection)), Delivered.NO);
      Await.noThreads("culvert-client");
      assertEquals(0, server.connections().size());
    }
  }

  @Test
  void withoutReconnectABreakEndsIt() throws Exception {
    try (TunnelServer server = start(Setup.server().resumeTimeout(Duration.ZERO))) {
      SocketConnection connection =
          Setup.client(server).reconnectOff().onEvent(events).build().connect();
      events.next(ConnectionEvent.Type.RECEIVED);
      nextAccepted().abort();
      events.next(ConnectionEvent.Type.FAILED);
      Await.noThreads("culvert-client");
      assertFalse(connection.isOpen());
      Setup.lost(Setup.async(() -> Setup.get(connection)), Delivered.NO);
    }
  }

  @Test
  void closeInTheMiddleOfTheWaitEndsItAtOnce() throws Exception {
    TunnelServer server = start(Setup.server().resumeTimeout(Duration.ZERO));
    Duration never = Duration.ofDays(1);
    SocketConnection connection =
        Setup.client(server)
            .reconnect(new ReconnectPolicy(never, never, never, Duration.ZERO))
            .onEvent(events)
            .build()
            .connect();
    nextAccepted();
    server.close();
    events.next(ConnectionEvent.Type.RECEIVED);
    events.next(ConnectionEvent.Type.CLOSED);
    CompletableFuture<String> waiting = Setup.async(() -> Setup.get(connection));
    connection.close();
    Setup.lost(waiting, Delivered.NO);
    connection.close();
    connection.abort();
  }

  @Test
  void closeInTheMiddleOfADialEndsTheDial() throws Exception {
    TunnelServer server = start(Setup.server().resumeTimeout(Duration.ZERO));
    SocketConnection connection =
        Setup.client(server)
            .reconnect(Setup.eager())
            .dialTimeout(Duration.ofDays(1))
            .onEvent(events)
            .build()
            .connect();
    nextAccepted();
    server.close();
    // Accepts the socket and never answers the upgrade.
    try (ServerSocket silent = new ServerSocket()) {
      silent.bind(server.address());
      try (var socket = silent.accept()) {
        connection.close();
        Await.noThreads("culvert-client");
        assertTrue(socket.isConnected());
      }
    }
  }

  @Test
  void aHandshakeThatFailsIsTriedAgain() throws Exception {
    try (TunnelServer server = start(Setup.server().resumeTimeout(Duration.ZERO));
        FaultProxy proxy = new FaultProxy(server.address());
        SocketConnection connection =
            Setup.client(proxy.address())
                .reconnect(Setup.eager())
                .dialTimeout(Duration.ofMillis(200))
                .handshakeTimeout(Duration.ofMillis(200))
                .onEvent(events)
                .build()
                .connect()) {
      events.next(ConnectionEvent.Type.RECEIVED);
      proxy.injectIntoNew(Fault.BLACK_HOLE);
      proxy.inject(Fault.CUT);
      events.next(ConnectionEvent.Type.FAILED);
      Await.until("a dial is in the black hole", () -> proxy.connections() > 0);
      proxy.injectIntoNew(Fault.NONE);
      events.next(ConnectionEvent.Type.RECEIVED);
      assertEquals("from the server", Setup.get(connection));
    }
  }

  @Test
  void aConnectionThatBreaksAsSoonAsItIsThereIsReplaced() throws Exception {
    AtomicBoolean stay = new AtomicBoolean();
    try (TunnelServer server = Setup.server().resumeTimeout(Duration.ZERO).build()) {
      server.onConnection(
          connection -> {
            if (!stay.get()) {
              connection.abort();
            } else {
              connection.serve(TestServlet.saying("stays"));
            }
          });
      server.start();
      try (SocketConnection connection =
          Setup.client(server).reconnect(Setup.eager()).onEvent(events).build().connect()) {
        for (int i = 0; i < 20; i++) {
          events.next(ConnectionEvent.Type.RECEIVED);
          events.next(ConnectionEvent.Type.FAILED);
        }
        stay.set(true);
        assertEquals("stays", Setup.get(connection));
      }
    }
  }
}
