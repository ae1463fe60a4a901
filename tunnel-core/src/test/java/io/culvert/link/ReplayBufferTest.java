package io.culvert.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.ProtocolException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class ReplayBufferTest {
  private final ReplayBuffer buffer = new ReplayBuffer(1000);

  @Test
  void numbersStartAtOne() {
    assertEquals(0, buffer.lastSent());
    assertEquals(1, buffer.nextNumber());
    add(10);
    assertEquals(1, buffer.lastSent());
    assertEquals(2, buffer.nextNumber());
    assertEquals(0, buffer.acknowledged());
  }

  @Test
  void anAckForgetsAllUpToItself() throws ProtocolException {
    add(10);
    add(20);
    add(40);

    assertTrue(buffer.acknowledged(2));

    assertEquals(40, buffer.bytes());
    assertEquals(2, buffer.acknowledged());
    assertTrue(buffer.acknowledged(3));
    assertEquals(0, buffer.bytes());
    assertEquals(4, buffer.nextNumber());
  }

  @Test
  void anOldAckChangesNothing() throws ProtocolException {
    add(10);
    add(20);
    buffer.acknowledged(1);

    assertFalse(buffer.acknowledged(1));
    assertFalse(buffer.acknowledged(0));

    assertEquals(20, buffer.bytes());
    assertEquals(1, buffer.acknowledged());
  }

  @Test
  void anAckOfWhatWasNeverSentIsAViolation() throws ProtocolException {
    add(10);

    ProtocolException violation =
        assertThrows(ProtocolException.class, () -> buffer.acknowledged(2));

    assertEquals(ErrorCode.PROTOCOL_ERROR, violation.code());
    assertEquals("ack of packet 2, but the last sent is 1", violation.getMessage());
    assertEquals(10, buffer.bytes());
    assertThrows(ProtocolException.class, () -> buffer.acknowledged(Long.MAX_VALUE));
  }

  @Test
  void fullFromItsCapacityOnUntilAcknowledged() throws ProtocolException {
    add(999);
    assertFalse(buffer.full());
    add(1);
    assertTrue(buffer.full());

    buffer.acknowledged(1);

    assertFalse(buffer.full());
  }

  /** A view of part of an array holds all of it. */
  @Test
  void memoryIsCountedNotContent() {
    buffer.add(ByteBuffer.allocate(1000).limit(500));

    assertEquals(1000, buffer.bytes());
    assertTrue(buffer.full());
  }

  @Test
  void clearingForgetsPacketsButNotTheirNumbers() {
    add(10);
    add(20);

    buffer.clear();

    assertEquals(0, buffer.bytes());
    assertEquals(3, buffer.nextNumber());
  }

  private void add(int bytes) {
    buffer.add(ByteBuffer.allocate(bytes));
  }
}
