package io.culvert.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import io.culvert.frame.FrameReader;
import io.culvert.frame.PacketKind;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameReaderFuzzTest {
  /** The worst there is: an entry, two strings and a table slot for an attribute of four bytes. */
  private static final int MEMORY_FACTOR = 64;

  private static final int MEMORY_SLACK = 16 * 1024;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void anyBytesAreRefusedOrUnderstood() {
    Campaign.run(100_000, random -> PacketOracle.check(new Mutator(random).packet()));
  }

  @Test
  void memoryIsASmallMultipleOfTheInput() {
    Campaign.run(20_000, random -> assertMemory(new Mutator(random).packet()));
  }

  @Test
  void memoryIsASmallMultipleOfTheMostExpensiveInputs() {
    for (String unit : List.of("", "a", "\u00e4", "\ufffd")) {
      assertMemory(attributes(unit));
    }
    byte[] acks = new byte[Wire.MAX_PACKET - 4];
    for (int at = Wire.PACKET_HEADER; at < acks.length; at += Wire.FRAME_HEADER) {
      acks[at] = 7;
    }
    assertMemory(acks);
  }

  private static void assertMemory(byte[] bytes) {
    // The first time may load classes.
    long allocated = Math.min(allocated(bytes), allocated(bytes));
    assertTrue(
        allocated <= (long) MEMORY_FACTOR * bytes.length + MEMORY_SLACK,
        () -> bytes.length + " bytes made " + allocated);
  }

  private static long allocated(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      FrameReader.read(in);
    } catch (ProtocolException e) {
      // refused: what it took to find out counts as well
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  /** A HELLO with as many short attributes as fit. */
  private static byte[] attributes(String unit) {
    ByteBuffer payload = ByteBuffer.allocate(Wire.MAX_PACKET);
    payload.putShort((short) 1).putLong(0).put(new byte[Wire.SECRET_BYTES]);
    int room = Wire.MAX_METADATA + 42;
    for (int i = 0; payload.position() < room - 16; i++) {
      byte[] name = (unit + Integer.toString(i, 36)).getBytes(StandardCharsets.UTF_8);
      payload.put((byte) name.length).put(name).putShort((short) 0);
    }
    byte[] bytes = new byte[Wire.PACKET_HEADER + Wire.FRAME_HEADER + payload.position()];
    ByteBuffer.wrap(bytes)
        .position(Wire.PACKET_HEADER)
        .putShort((short) 0x0100)
        .putShort((short) payload.position())
        .putInt(0)
        .put(payload.flip());
    assertEquals(PacketKind.CTRL.number(), bytes[0]);
    return bytes;
  }
}
