package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** The manual mode. */
class MemoryWebSocketTest {
  private final RecordingListener dialed = new RecordingListener();
  private final RecordingListener accepted = new RecordingListener();
  private final MemoryWebSockets.Pair pair = MemoryWebSockets.manual().pair(dialed, accepted);

  MemoryWebSocketTest() {
    dialed.opened();
    accepted.opened();
  }

  @Test
  void nothingMovesUntilItIsAskedTo() {
    Sends sends = new Sends(pair.dialer());
    sends.send(ByteBuffer.wrap(new byte[] {1}));
    sends.send(ByteBuffer.wrap(new byte[] {2}));
    accepted.assertNothingMore();
    assertEquals(2, sends.pending());
    assertEquals(2, pair.acceptor().undelivered());

    assertTrue(pair.acceptor().deliver());
    assertEquals(1, accepted.next(Event.Binary.class).message().get());
    accepted.assertNothingMore();

    assertTrue(pair.dialer().complete());
    assertEquals(1, sends.succeeded());
    pair.dialer().holdCompletions(false);
    assertEquals(2, sends.succeeded());
    assertTrue(pair.acceptor().deliver());
    assertFalse(pair.acceptor().deliver());
  }

  @Test
  void aHeldCompletionFailsWhenTheWebSocketIsAborted() {
    Sends sends = new Sends(pair.dialer());
    sends.send(ByteBuffer.allocate(1));
    pair.dialer().abort();
    assertEquals(1, sends.failed());
    dialed.assertNothingMore();
    assertTrue(pair.dialer().deliver());
    assertEquals(1006, dialed.next(Event.Close.class).code());
    assertTrue(pair.acceptor().deliver());
    accepted.next(Event.Binary.class);
    assertTrue(pair.acceptor().deliver());
    assertEquals(1006, accepted.next(Event.Close.class).code());
  }

  @Test
  void theCloseHandshakeTakesOneStepPerSide() {
    pair.acceptor().close(1001, "bye");
    assertTrue(pair.dialer().deliver());
    assertEquals(new Event.Close(1001, "bye"), dialed.next());
    accepted.assertNothingMore();
    assertTrue(pair.acceptor().deliver());
    assertEquals(1001, accepted.next(Event.Close.class).code());
    assertFalse(pair.dialer().deliver());
  }
}
