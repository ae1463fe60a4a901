package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The part of {@link WebSocketNetworkContract} about receivers that are slow: their senders learn
 * of it by completions that do not come (W3).
 */
public abstract class WebSocketFlowContract extends WebSocketTlsContract {
  private static final int PACKET_BYTES = 64 * 1024;

  /** 64 MiB: more than sockets, TLS and a library may hold back together. */
  private static final int MORE_THAN_ANY_BUFFER = 1_024;

  @Test
  void aPeerThatStopsReadingLeavesCompletionsPendingAndAbortFailsThem() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket dialerEnd = dial(network.address());
    WebSocket acceptorEnd = accepted.opened();
    network.inject(Fault.STOP_READING);
    for (WebSocket end : List.of(dialerEnd, acceptorEnd)) {
      Sends sends = new Sends(end);
      for (int i = 0; i < 400; i++) {
        sends.send(ByteBuffer.allocate(64 * 1024));
      }
      assertTrue(sends.pending() > 0, "25 MiB must be more than any socket buffer");
      end.abort();
      sends.awaitCompleted();
      assertTrue(sends.failed() > 0);
    }
    assertEquals(1006, accepted.awaitClose().code());
    assertEquals(1006, dialed.awaitClose().code());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPeerThatReadsAgainGetsEverythingInOrder(boolean tls) throws IOException {
    TestCertificates certificates = certificates("slow", "dns:localhost");
    WebSocketAcceptor acceptor = tls ? startTls(certificates) : start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket dialerEnd =
        tls
            ? dialTls(network.address(), trusting(certificates), Proxy.NO_PROXY)
            : dial(network.address());
    dialed.opened();
    Sends down = new Sends(accepted.opened());
    Sends up = new Sends(dialerEnd);
    network.inject(Fault.STOP_READING);
    for (int i = 0; i < 400; i++) {
      down.send(ByteBuffer.allocate(64 * 1024).putInt(0, i));
      up.send(ByteBuffer.allocate(64 * 1024).putInt(0, i));
    }
    assertTrue(down.pending() > 0 && up.pending() > 0);
    network.inject(Fault.NONE);
    for (int i = 0; i < 400; i++) {
      assertEquals(i, dialed.next(Event.Binary.class).message().getInt(0));
      assertEquals(i, accepted.next(Event.Binary.class).message().getInt(0));
    }
    down.awaitAllSucceeded();
    up.awaitAllSucceeded();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aPausedEndStallsItsPeerAndLosesNothing(End end) throws IOException {
    stallAndResume(connect(), end);
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aPausedEndStallsItsPeerOverTls(End end) throws IOException {
    Ends ends = connectTls(dialed, accepted);
    dialed.opened();
    accepted.opened();
    stallAndResume(ends, end);
  }

  private void stallAndResume(Ends ends, End paused) {
    ends.of(paused).pause();
    Sends sends = new Sends(ends.of(paused.peer()));
    for (int i = 0; i < MORE_THAN_ANY_BUFFER; i++) {
      sends.send(ByteBuffer.allocate(PACKET_BYTES).putInt(0, i));
    }
    sends.awaitStalled();
    assertTrue(sends.pending() > 0, "everything was written to a peer that does not read");
    heardBy(paused).assertNothingMore();
    ends.of(paused).resume();
    for (int i = 0; i < MORE_THAN_ANY_BUFFER; i++) {
      assertEquals(i, heardBy(paused).next(Event.Binary.class).message().getInt(0));
    }
    sends.awaitAllSucceeded();
  }

  /** What waits at either end is given up at once. */
  @ParameterizedTest
  @EnumSource(End.class)
  void abortEndsAStalledWebSocketAtOnce(End paused) throws IOException {
    for (End aborting : End.values()) {
      Ends ends = connect();
      ends.of(paused).pause();
      Sends sends = new Sends(ends.of(paused.peer()));
      for (int i = 0; i < MORE_THAN_ANY_BUFFER; i++) {
        sends.send(ByteBuffer.allocate(PACKET_BYTES));
      }
      ends.of(aborting).abort();
      assertEquals(1006, heardBy(aborting).next(Event.Close.class).code());
      ends.of(aborting.peer()).abort();
      heardBy(aborting.peer()).awaitClose();
      sends.awaitCompleted();
      assertTrue(sends.failed() > 0);
      accepted.reset();
      dialed.reset();
    }
  }

  /** Its close frame is behind what it will never take. */
  @Test
  void aPeerThatClosesAndReadsNoMoreIsLeftInTime() throws Exception {
    CountDownLatch queued = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    try (RawServer server =
        new RawServer(
            socket -> {
              RawUpgrade.accept(socket, "Sec-WebSocket-Protocol: " + SUBPROTOCOL);
              queued.await();
              RawUpgrade.frame(socket, 0x88, new byte[] {0x0f, (byte) 0xa1});
              over.await();
            })) {
      WebSocket end = dial(server.address());
      dialed.opened();
      Sends sends = new Sends(end);
      for (int i = 0; i < 400; i++) {
        sends.send(ByteBuffer.allocate(64 * 1024));
      }
      queued.countDown();
      assertEquals(4001, dialed.next(Event.Close.class).code());
      sends.awaitCompleted();
      over.countDown();
    }
  }

  @Test
  void onePeerThatStopsReadingDoesNotHarmOthers() throws IOException {
    RecordingListener others = new RecordingListener();
    WebSocketAcceptor acceptor =
        start(
            upgrade ->
                new Upgrade.Accept(
                    SUBPROTOCOL, upgrade.header("X-Stuck") == null ? others : accepted));
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    DialRequest stuck =
        new DialRequest(
            URI.create("ws://localhost:" + network.address().getPort()),
            Map.of("X-Stuck", "1"),
            SUBPROTOCOL,
            DIAL_TIMEOUT,
            null,
            Proxy.NO_PROXY,
            null,
            MAX_MESSAGE_BYTES);
    dialer().dial(stuck, new RecordingListener());
    network.inject(Fault.STOP_READING);
    Sends blocked = new Sends(accepted.opened());
    for (int i = 0; i < 400; i++) {
      blocked.send(ByteBuffer.allocate(64 * 1024));
    }
    WebSocket other = dial(acceptor.address());
    dialed.opened();
    WebSocket otherEnd = others.opened();
    for (int i = 0; i < 100; i++) {
      other.send(ByteBuffer.allocate(1_000).putInt(0, i), failure -> {});
      otherEnd.send(others.next(Event.Binary.class).message(), failure -> {});
      assertEquals(i, dialed.next(Event.Binary.class).message().getInt(0));
    }
    assertTrue(blocked.pending() > 0);
  }
}
