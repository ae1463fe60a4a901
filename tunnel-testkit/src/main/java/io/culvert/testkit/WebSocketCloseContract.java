package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.Feature;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The part of {@link WebSocketContract} about the end of a WebSocket (C2, C4, C5, R3, W4). */
public abstract class WebSocketCloseContract extends WebSocketPauseContract {

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})
  void aCloseCodeReachesBothListenersWhoeverCloses(int code) throws IOException {
    assertCloses(code, "because");
  }

  @ParameterizedTest
  @ValueSource(ints = {3000, 3999, 4000, 4999})
  void aCodeOfTheApplicationReachesBothListeners(int code) throws IOException {
    assertCloses(code, "");
    assertCloses(code, "\u00e4".repeat(61));
  }

  private void assertCloses(int code, String reason) throws IOException {
    for (End end : End.values()) {
      connect().of(end).close(code, reason);
      Event.Close atPeer = heardBy(end.peer()).next(Event.Close.class);
      boolean any = code == 1000 || code >= 3000;
      if (any || !(lacks(end, Feature.CLOSE_CODES) || lacks(end.peer(), Feature.CLOSE_CODES))) {
        assertEquals(new Event.Close(code, reason), atPeer);
      }
      int here = heardBy(end).next(Event.Close.class).code();
      if (any || !lacks(end.peer(), Feature.CLOSE_CODES)) {
        assertEquals(atPeer.code(), here);
      }
      accepted.reset();
      dialed.reset();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 66_536})
  void aCodeThatMayNotBeSentIsRefused(int code) throws IOException {
    Ends ends = connect();
    assertThrows(IllegalArgumentException.class, () -> ends.dialer().close(code, ""));
    assertThrows(IllegalArgumentException.class, () -> ends.acceptor().close(code, ""));
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aReasonOfMoreThan123BytesIsRefused(End end) throws IOException {
    WebSocket socket = connect().of(end);
    assertThrows(IllegalArgumentException.class, () -> socket.close(1000, "\u00e4".repeat(62)));
    socket.close(1000, "x".repeat(123));
    assertEquals(new Event.Close(1000, "x".repeat(123)), heardBy(end.peer()).next());
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void closingSendsWhatWasSentBefore(End end) throws IOException {
    Ends ends = connect();
    Sends sends = new Sends(ends.of(end));
    for (int i = 0; i < 200; i++) {
      sends.send(bytes(10_000, i));
    }
    ends.of(end).close(1000, "");
    for (int i = 0; i < 200; i++) {
      assertEquals(bytes(10_000, i), heardBy(end.peer()).next(Event.Binary.class).message());
    }
    assertEquals(1000, heardBy(end.peer()).next(Event.Close.class).code());
    sends.awaitAllSucceeded();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void whatIsSentAfterCloseFailsAndDoesNotArrive(End end) throws IOException {
    Ends ends = connect();
    ends.of(end).close(1000, "");
    Sends late = new Sends(ends.of(end));
    late.send(bytes(10, 6));
    late.sendText(text(10));
    late.awaitCompleted();
    assertEquals(2, late.failed());
    assertEquals(1000, heardBy(end.peer()).next(Event.Close.class).code());
    assertEquals(1000, heardBy(end).next(Event.Close.class).code());
  }

  @Test
  void bothMayCloseAtOnce() throws IOException {
    Ends ends = connect();
    ends.dialer().close(4001, "");
    ends.acceptor().close(4002, "");
    int atAcceptor = accepted.next(Event.Close.class).code();
    int atDialer = dialed.next(Event.Close.class).code();
    assertTrue(atAcceptor == 4001 || atAcceptor == 4002, "code " + atAcceptor);
    assertTrue(atDialer == 4001 || atDialer == 4002, "code " + atDialer);
    ends.dialer().close(1000, "");
    ends.dialer().abort();
    accepted.assertNothingMore();
    dialed.assertNothingMore();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void afterTheEndSendsFailAndEverythingElseDoesNothing(End closing) throws IOException {
    Ends ends = connect();
    ends.of(closing).close(1000, "");
    accepted.awaitClose();
    dialed.awaitClose();
    for (End end : End.values()) {
      WebSocket ended = ends.of(end);
      Sends late = new Sends(ended);
      late.send(bytes(10, 6));
      late.sendText(text(10));
      late.awaitCompleted();
      assertEquals(2, late.failed());
      if (!lacks(end, Feature.PING)) {
        ended.ping(ByteBuffer.allocate(0));
      }
      ended.pause();
      ended.resume();
      ended.close(1000, "");
      ended.abort();
      assertEquals(SUBPROTOCOL, ended.subprotocol());
      assertFalse(ended.secure());
    }
    accepted.assertNothingMore();
    dialed.assertNothingMore();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void abortEndsBothSidesWith1006(End end) throws IOException {
    Ends ends = connect();
    ends.of(end).abort();
    assertEquals(1006, heardBy(end).next(Event.Close.class).code());
    int atPeer = heardBy(end.peer()).next(Event.Close.class).code();
    assertTrue(atPeer == 1006 || lacks(end, Feature.ABORT_WITHOUT_CLOSE), "code " + atPeer);
    ends.of(end).abort();
    heardBy(end).assertNothingMore();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aPausedEndMayClose(End end) throws IOException {
    Ends ends = connect();
    ends.of(end).pause();
    ends.of(end.peer()).send(bytes(10, 1), failure -> {});
    ends.of(end).close(1000, "");
    assertEquals(1000, heardBy(end.peer()).next(Event.Close.class).code());
    ends.of(end).resume();
    assertEquals(1000, heardBy(end).awaitClose().code());
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void queuedMessagesCompleteOnceWhenThePeerCloses(End end) throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    for (int round = 0; round < 20; round++) {
      Ends ends = connect(acceptor);
      Sends sends = new Sends(ends.of(end));
      for (int i = 0; i < 50; i++) {
        sends.send(ByteBuffer.allocate(64 * 1024));
      }
      ends.of(end.peer()).close(1000, "");
      sends.awaitCompleted();
      for (End heard : End.values()) {
        assertEquals(1000, heardBy(heard).awaitClose().code());
        heardBy(heard).reset();
      }
    }
  }
}
