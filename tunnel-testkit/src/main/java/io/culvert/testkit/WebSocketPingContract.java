package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.Feature;
import io.culvert.websocket.WebSocket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The part of {@link WebSocketContract} about pings and pongs (P1, P3, R2). */
public abstract class WebSocketPingContract extends WebSocketTextContract {

  @ParameterizedTest
  @EnumSource(End.class)
  void aPongCarriesThePingsData(End from) throws IOException {
    WebSocket end = connect().of(from);
    if (lacks(from, Feature.PING)) {
      assertThrows(UnsupportedOperationException.class, () -> end.ping(ByteBuffer.allocate(0)));
      return;
    }
    for (int length : new int[] {0, 1, 125}) {
      end.ping(bytes(length, 4));
      assertEquals(bytes(length, 4), heardBy(from).next(Event.Pong.class).data());
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aPingOfMoreThan125BytesIsRefused(End from) throws IOException {
    WebSocket end = connect().of(from);
    Class<? extends RuntimeException> expected =
        lacks(from, Feature.PING) ? RuntimeException.class : IllegalArgumentException.class;
    assertThrows(expected, () -> end.ping(bytes(126, 5)));
  }

  /** A peer may answer only the latest of several pings (RFC 6455 section 5.5.3). */
  @ParameterizedTest
  @EnumSource(End.class)
  void pingsAndMessagesDoNotDisturbEachOther(End from) throws Exception {
    Assumptions.assumeFalse(lacks(from, Feature.PING));
    Ends ends = connect();
    int messages = 500;
    List<Work> works = new ArrayList<>();
    works.add(
        () -> {
          for (int i = 1; i <= 200; i++) {
            ends.of(from).ping(ByteBuffer.allocate(4).putInt(0, i));
          }
        });
    for (End sender : End.values()) {
      works.add(
          () -> {
            Sends sends = new Sends(ends.of(sender));
            for (int i = 0; i < messages; i++) {
              sends.send(ByteBuffer.allocate(4 + i * 13 % 9_000).putInt(0, i));
            }
            sends.awaitAllSucceeded();
          });
    }
    together(works);
    ends.of(from).ping(ByteBuffer.allocate(4).putInt(0, 1_000));
    int latestPong = 0;
    int nextMessage = 0;
    while (latestPong < 1_000 || nextMessage < messages) {
      Event event = heardBy(from).next();
      if (event instanceof Event.Pong pong) {
        int number = pong.data().getInt(0);
        assertTrue(number > latestPong, number + " after " + latestPong);
        latestPong = number;
      } else {
        assertEquals(nextMessage++, ((Event.Binary) event).message().getInt(0));
      }
    }
    for (int i = 0; i < messages; i++) {
      assertEquals(i, heardBy(from.peer()).next(Event.Binary.class).message().getInt(0));
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aPingThatIsPendingAtTheEndDoesNoHarm(End from) throws IOException {
    Assumptions.assumeFalse(lacks(from, Feature.PING));
    var acceptor = start(upgrade -> accept());
    for (int round = 0; round < 30; round++) {
      Ends ends = connect(acceptor);
      ends.of(from).ping(bytes(4, round));
      ends.of(round % 2 == 0 ? from : from.peer()).close(1000, "");
      ends.of(from).ping(bytes(4, round));
      for (End end : End.values()) {
        assertEquals(1000, heardBy(end).awaitClose().code());
        heardBy(end).reset();
      }
    }
  }
}
