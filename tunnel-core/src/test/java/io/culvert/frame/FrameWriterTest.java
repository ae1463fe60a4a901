package io.culvert.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameWriterTest {
  private final FrameWriter writer = new FrameWriter();

  @ParameterizedTest
  @ValueSource(ints = {28, 29, 35, 36, 100, 4096, 65_535, 65_536, 1_000_000})
  void packetsNeverPassTheirLimit(int limit) {
    int most = Math.min(limit, Wire.MAX_PACKET);
    writer.start(limit);
    int written = 0;
    while (writer.write(new Frame.Reset(1, ErrorCode.CANCELLED))) {
      written++;
    }
    while (writer.credit(1, 7)) {
      written++;
    }
    while (writer.write(new Frame.Open(1, Map.of()))) {
      written++;
    }

    int size = writer.finish(PacketKind.SEQ, 0, 1).remaining();

    assertTrue(size <= most, size + " bytes in a packet of " + most);
    assertTrue(size > most - Wire.FRAME_HEADER, size + " bytes, though more would have fitted");
    assertTrue(written > 0);
  }

  @ParameterizedTest
  @MethodSource("io.culvert.frame.Vector#golden")
  void aFrameThatDoesNotFitLeavesNoTrace(Vector vector) throws ProtocolException {
    for (Frame frame : FrameReader.read(vector.buffer()).frames()) {
      byte[] alone = bytes(Packets.encode(new Packet(frame.type().kind(), 0, 1, List.of(frame))));

      writer.start(alone.length);
      assertTrue(writer.write(frame), "exactly fitting");
      writer.start(alone.length - 1);
      assertFalse(writer.write(frame), "one byte too few");

      assertTrue(writer.isEmpty());
      assertEquals(Wire.PACKET_HEADER, writer.finish(frame.type().kind(), 0, 1).remaining());
    }
  }

  @Test
  void spaceIsWhatTheNextFrameMayCarry() throws ProtocolException {
    writer.start(100);
    int space = writer.space();
    assertEquals(100 - Wire.PACKET_HEADER - Wire.FRAME_HEADER, space);

    writer.data(1, space, false);

    assertEquals(-Wire.FRAME_HEADER, writer.space());
    assertEquals(100, writer.finish(PacketKind.SEQ, 0, 1).remaining());
  }

  @Test
  void payloadIsFilledInAtItsPlace() throws ProtocolException {
    writer.start(Wire.MAX_PACKET);
    writer.credit(9, 1);
    int place = writer.data(3, 2, true);
    writer.array()[place] = 'o';
    writer.array()[place + 1] = 'k';

    Packet packet = FrameReader.read(writer.finish(PacketKind.SEQ, 5, 6));

    assertEquals(
        "SEQ seq 6 ack 5\nCredit streamId=9, offset=1\nData 3 FIN 6f6b", Packets.show(packet));
  }

  /** Small packets are copies, large ones are the array itself: neither may change afterwards. */
  @ParameterizedTest
  @ValueSource(ints = {1, 1000, 32_739, 32_740, 32_741, 65_508})
  void aFinishedPacketIsNotTouchedAgain(int payload) {
    ByteBuffer first = packetOf(payload, (byte) 1);
    byte[] before = bytes(first);

    packetOf(payload, (byte) 2);
    byte[] third = bytes(packetOf(65_508, (byte) 3));

    assertArrayEquals(before, bytes(first));
    assertEquals(3, third[third.length - 1]);
  }

  @Test
  void smallPacketsHoldLittleMemory() {
    for (int payload = 0; payload <= 65_508; payload += 4_679) {
      ByteBuffer packet = packetOf(payload, (byte) 1);
      assertTrue(
          packet.capacity() <= 2 * packet.remaining(),
          packet.remaining() + " bytes hold " + packet.capacity());
    }
  }

  @Test
  void nothingOfAnAbandonedPacketRemains() {
    writer.start(Wire.MAX_PACKET);
    writer.write(new Frame.Ping(1, new byte[3]));
    writer.start(Wire.MAX_PACKET);
    assertTrue(writer.isEmpty());
    writer.write(new Frame.Ack());

    assertArrayEquals(vector("ack"), bytes(writer.finish(PacketKind.CTRL, 300, 0)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"r", "\u00e4", "\u20ac", "\ud83e\uddc0", "x\ud83e\uddc0"})
  void longReasonsAreCutBetweenCharacters(String unit) throws ProtocolException {
    for (int repeats : new int[] {340, 341, 342, 1024, 5000}) {
      String reason = unit.repeat(repeats);
      Packet read = FrameReader.read(Packets.ctrl(0, new Frame.Close(ErrorCode.NO_ERROR, reason)));

      String got = ((Frame.Close) read.frames().get(0)).reason();
      assertTrue(reason.startsWith(got), got);
      assertTrue(got.length() >= Math.min(reason.length(), 340), got);
      assertTrue(got.getBytes(StandardCharsets.UTF_8).length <= Wire.MAX_REASON, got);
    }
  }

  @Test
  void framesOfUnknownTypesAreNeverSent() {
    writer.start(Wire.MAX_PACKET);

    assertThrows(IllegalStateException.class, () -> writer.write(new Frame.Ignored(0x5a, 0)));
  }

  private ByteBuffer packetOf(int payload, byte value) {
    writer.start(Wire.MAX_PACKET);
    int place = writer.data(1, payload, false);
    Arrays.fill(writer.array(), place, place + payload, value);
    return writer.finish(PacketKind.SEQ, 0, 1);
  }

  private static byte[] vector(String name) {
    return Vector.golden().stream()
        .filter(v -> v.name().equals(name))
        .findFirst()
        .orElseThrow()
        .bytes();
  }

  private static byte[] bytes(ByteBuffer packet) {
    byte[] bytes = new byte[packet.remaining()];
    packet.duplicate().get(bytes);
    return bytes;
  }
}
