package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The part of {@link WebSocketContract} about {@link WebSocket#pause}. That a paused end stalls its
 * peer takes sockets, and is in {@link WebSocketFlowContract}.
 */
public abstract class WebSocketPauseContract extends WebSocketPingContract {

  /** Pauses in every callback, and notices one that comes before {@link #resumeOnce}. */
  private static final class Pausing extends RecordingListener {
    private final AtomicBoolean mayHear = new AtomicBoolean();
    private volatile WebSocket paused;

    @Override
    public void onOpen(WebSocket webSocket) {
      webSocket.pause();
      paused = webSocket;
      super.onOpen(webSocket);
    }

    @Override
    public void onBinary(ByteBuffer message) {
      paused.pause();
      checkAllowed();
      super.onBinary(message);
    }

    @Override
    public void onText(ByteBuffer message) {
      paused.pause();
      checkAllowed();
      super.onText(message);
    }

    private void checkAllowed() {
      if (!mayHear.compareAndSet(true, false)) {
        super.onPong(ByteBuffer.allocate(0)); // is not what the test expects
      }
    }

    void resumeOnce() {
      mayHear.set(true);
      paused.resume();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void pauseInsideACallbackHoldsFromTheNextMessageOn(End end) throws IOException {
    Pausing pausing = new Pausing();
    Ends ends = connect(end, pausing);
    pausing.opened();
    Sends sends = new Sends(ends.of(end.peer()));
    int count = 200;
    for (int i = 0; i < count; i++) {
      if (i % 2 == 0) {
        sends.send(bytes(i * 10, i));
      } else {
        sends.sendText(text(i * 10));
      }
    }
    for (int i = 0; i < count; i++) {
      pausing.assertNothingMore();
      pausing.resumeOnce();
      assertEquals(
          i % 2 == 0 ? new Event.Binary(bytes(i * 10, i)) : new Event.Text(text(i * 10)),
          pausing.next());
    }
    ends.of(end).resume();
    sends.awaitAllSucceeded();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void theEndOfAPausedPeerComesAfterItsMessages(End end) throws IOException {
    Pausing pausing = new Pausing();
    Ends ends = connect(end, pausing);
    pausing.opened();
    Sends sends = new Sends(ends.of(end.peer()));
    for (int i = 0; i < 10; i++) {
      sends.send(bytes(1_000, i));
    }
    ends.of(end.peer()).close(1000, "done");
    for (int i = 0; i < 10; i++) {
      pausing.resumeOnce();
      assertEquals(new Event.Binary(bytes(1_000, i)), pausing.next());
    }
    pausing.resumeOnce();
    assertEquals(new Event.Close(1000, "done"), pausing.next());
    assertEquals(1000, heardBy(end.peer()).awaitClose().code());
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void resumeWithoutPauseAndPauseTwiceDoNoHarm(End end) throws IOException {
    Ends ends = connect();
    WebSocket paused = ends.of(end);
    Sends sends = new Sends(ends.of(end.peer()));
    paused.resume();
    paused.resume();
    sends.send(bytes(10, 1));
    assertEquals(new Event.Binary(bytes(10, 1)), heardBy(end).next());
    paused.pause();
    paused.pause();
    sends.send(bytes(10, 2));
    sends.send(bytes(10, 3));
    paused.resume();
    assertEquals(new Event.Binary(bytes(10, 2)), heardBy(end).next());
    assertEquals(new Event.Binary(bytes(10, 3)), heardBy(end).next());
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aPausedEndStillSends(End end) throws IOException {
    Ends ends = connect();
    ends.of(end).pause();
    Sends sends = new Sends(ends.of(end));
    for (int i = 0; i < 50; i++) {
      sends.send(bytes(5_000, i));
    }
    for (int i = 0; i < 50; i++) {
      assertEquals(new Event.Binary(bytes(5_000, i)), heardBy(end.peer()).next());
    }
    sends.awaitAllSucceeded();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void abortEndsAPausedWebSocketAtOnce(End end) throws IOException {
    for (int round = 0; round < 20; round++) {
      Pausing pausing = new Pausing();
      Ends ends = connect(end, pausing);
      pausing.opened();
      for (int i = 0; i < 10; i++) {
        ends.of(end.peer()).send(bytes(1_000, i), failure -> {});
      }
      if (round % 2 == 0) {
        pausing.resumeOnce();
        pausing.next(Event.Binary.class);
      }
      ends.of(end).abort();
      assertEquals(1006, pausing.next(Event.Close.class).code());
      ends.of(end).resume();
      ends.of(end).pause();
      heardBy(end.peer()).awaitClose();
      pausing.assertNothingMore();
      heardBy(end.peer()).reset();
    }
  }

  @Test
  void pausesFromOtherThreadsLoseAndReorderNothing() throws Exception {
    exchangeWithPauses(this::connect);
  }

  /** Both ends send while two threads at each pause and resume without end. */
  protected static void exchangeWithPauses(Connecting connecting) throws Exception {
    NumberedMessages messages = new NumberedMessages(1_000, 6_000, true);
    NumberedMessages.Receiver atDialer = messages.new Receiver();
    NumberedMessages.Receiver atAcceptor = messages.new Receiver();
    Ends ends = connecting.connect(atDialer, atAcceptor);
    AtomicBoolean over = new AtomicBoolean();
    List<Work> works = new ArrayList<>();
    for (End end : End.values()) {
      works.add(() -> messages.send(ends.of(end), 64 * 1024));
      for (int i = 0; i < 2; i++) {
        works.add(() -> pauseAndResume(ends.of(end), over));
      }
    }
    works.add(
        () -> {
          try {
            atDialer.awaitAll();
            atAcceptor.awaitAll();
          } finally {
            over.set(true);
          }
        });
    together(works);
  }

  private static void pauseAndResume(WebSocket end, AtomicBoolean over) {
    while (!over.get()) {
      end.pause();
      LockSupport.parkNanos(1_000);
      end.resume();
      LockSupport.parkNanos(1_000);
    }
  }
}
