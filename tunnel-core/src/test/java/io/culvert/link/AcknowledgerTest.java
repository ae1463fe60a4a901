package io.culvert.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.ProtocolException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcknowledgerTest {
  private final Acknowledger acknowledger = new Acknowledger();

  @Test
  void packetsCountFromOneWithoutGaps() throws ProtocolException {
    assertEquals(0, acknowledger.received());
    assertTrue(acknowledger.accept(1, 100, 0));
    assertTrue(acknowledger.accept(2, 100, 0));
    assertEquals(2, acknowledger.received());
  }

  @Test
  void duplicatesAreNotProcessed() throws ProtocolException {
    acknowledger.accept(1, 100, 0);
    acknowledger.accept(2, 100, 0);

    assertFalse(acknowledger.accept(1, 100, 0));
    assertFalse(acknowledger.accept(2, 100, 0));
    assertEquals(2, acknowledger.received());
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 4, Long.MAX_VALUE})
  void aGapIsAViolationAndChangesNothing(long seq) throws ProtocolException {
    acknowledger.accept(1, 100, 0);

    ProtocolException gap =
        assertThrows(ProtocolException.class, () -> acknowledger.accept(seq, 100, 0));

    assertEquals(ErrorCode.PROTOCOL_ERROR, gap.code());
    assertEquals("expected packet 2 but got " + seq, gap.getMessage());
    assertTrue(acknowledger.accept(2, 100, 0));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1_000_000_000, Long.MAX_VALUE - 1_000})
  void anAckIsDueSomeTimeAfterTheFirstUnacknowledgedPacket(long start) throws ProtocolException {
    assertFalse(acknowledger.due(start));
    acknowledger.accept(1, 100, start);
    acknowledger.accept(2, 100, start + 1_000);

    long due = start + Acknowledger.DELAY_NANOS;
    assertEquals(due, acknowledger.deadline());
    assertFalse(acknowledger.due(due - 1));
    assertTrue(acknowledger.due(due));

    acknowledger.carried();
    assertFalse(acknowledger.due(due));
    assertEquals(Long.MAX_VALUE, acknowledger.deadline());
  }

  @Test
  void anAckIsDueAtOnceAfterEnoughBytes() throws ProtocolException {
    acknowledger.accept(1, Acknowledger.BYTES - 1, 0);
    assertFalse(acknowledger.due(0));
    acknowledger.accept(2, 1, 0);
    assertTrue(acknowledger.due(0));

    acknowledger.carried();
    acknowledger.accept(3, Acknowledger.BYTES - 1, 0);
    assertFalse(acknowledger.due(0));
  }
}
