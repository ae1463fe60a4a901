package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.Feature;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The part of {@link WebSocketContract} about an end that comes from several threads at once (G1,
 * C2): {@code onClose} and every completion exactly once, whatever wins.
 */
public abstract class WebSocketRaceContract extends WebSocketCloseContract {
  private static final int ROUNDS = 30;

  /** Waits for both ends, checks their codes, and that nothing follows. */
  private void assertEnded(Set<Integer> codes) {
    for (End end : End.values()) {
      Event.Close close = heardBy(end).awaitClose();
      assertTrue(codes.contains(close.code()), () -> end + " heard " + close);
      heardBy(end).reset();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void manyThreadsMayCloseOneEnd(End end) throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    for (int round = 0; round < ROUNDS; round++) {
      WebSocket closing = connect(acceptor).of(end);
      together(
          List.of(
              () -> closing.close(4000, ""),
              () -> closing.close(4001, ""),
              () -> closing.close(4002, ""),
              () -> closing.close(4003, "")));
      assertEnded(Set.of(4000, 4001, 4002, 4003));
    }
  }

  @Test
  void bothEndsMayCloseFromManyThreads() throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    for (int round = 0; round < ROUNDS; round++) {
      Ends ends = connect(acceptor);
      together(
          List.of(
              () -> ends.dialer().close(4000, ""),
              () -> ends.acceptor().close(4001, ""),
              () -> ends.dialer().close(4002, ""),
              () -> ends.acceptor().close(4003, "")));
      assertEnded(Set.of(4000, 4001, 4002, 4003));
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void closeDuringSendsOfOtherThreadsCompletesEachOnce(End closing) throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    for (int round = 0; round < ROUNDS; round++) {
      Ends ends = connect(acceptor);
      List<Work> works = sendersUntilTheEnd(ends);
      works.add(() -> ends.of(closing).close(1000, ""));
      together(works);
      assertEnded(Set.of(1000));
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void abortDuringSendsOfOtherThreadsCompletesEachOnce(End aborting) throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    for (int round = 0; round < ROUNDS; round++) {
      Ends ends = connect(acceptor);
      List<Work> works = sendersUntilTheEnd(ends);
      works.add(() -> ends.of(aborting).abort());
      together(works);
      assertEquals(1006, heardBy(aborting).awaitClose().code());
      heardBy(aborting.peer()).awaitClose();
      accepted.reset();
      dialed.reset();
    }
  }

  /** Two threads at each end that send until a message fails, a few at a time. */
  private static List<Work> sendersUntilTheEnd(Ends ends) {
    List<Work> works = new ArrayList<>();
    for (End end : End.values()) {
      for (int i = 0; i < 2; i++) {
        works.add(
            () -> {
              Sends sends = new Sends(ends.of(end));
              while (sends.failed() == 0) {
                sends.send(ByteBuffer.allocate(2_000));
                Await.until("a few are pending", () -> sends.pending() < 20);
              }
              sends.awaitCompleted();
            });
      }
    }
    return works;
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void abortMayMeetClose(End end) throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    for (int round = 0; round < ROUNDS; round++) {
      Ends ends = connect(acceptor);
      Sends sends = new Sends(ends.of(end));
      together(
          List.of(
              () -> ends.of(end).close(1000, ""),
              () -> ends.of(end).abort(),
              () -> sends.send(bytes(100, 1)),
              () -> ends.of(end.peer()).close(1000, "")));
      sends.awaitCompleted();
      assertEnded(
          lacks(end, Feature.ABORT_WITHOUT_CLOSE) ? Set.of(1000, 1006, 1001) : Set.of(1000, 1006));
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void everythingMayMeetTheEnd(End ending) throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    for (int round = 0; round < ROUNDS; round++) {
      Ends ends = connect(acceptor);
      boolean abort = round % 2 == 0;
      List<Work> works = new ArrayList<>();
      List<Sends> all = new ArrayList<>();
      for (End end : End.values()) {
        WebSocket socket = ends.of(end);
        Sends sends = new Sends(socket);
        all.add(sends);
        works.add(() -> sends.send(bytes(100_000, 1)));
        works.add(() -> pingIfItCan(end, socket));
        works.add(
            () -> {
              socket.pause();
              socket.resume();
            });
      }
      works.add(abort ? ends.of(ending)::abort : () -> ends.of(ending).close(1000, ""));
      together(works);
      all.forEach(Sends::awaitCompleted);
      assertEnded(abort ? Set.of(1006, 1000, 1005, 1001, 1011) : Set.of(1000));
    }
  }

  private void pingIfItCan(End end, WebSocket socket) {
    if (!lacks(end, Feature.PING)) {
      socket.ping(bytes(10, 1));
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void closeRightAfterTheDialEndsBoth(End end) throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    for (int round = 0; round < ROUNDS; round++) {
      connect(acceptor).of(end).close(1000, "");
      assertEnded(Set.of(1000));
    }
  }
}
