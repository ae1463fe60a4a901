package io.culvert.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.Frame;
import io.culvert.frame.FrameLog;
import io.culvert.frame.FrameReader;
import io.culvert.frame.Packet;
import io.culvert.frame.Packets;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import java.nio.ByteBuffer;

/** What must hold for the reader and any bytes whatsoever. */
final class PacketOracle {

  private PacketOracle() {}

  /** Nothing but {@link ProtocolException} leaves the reader, and what it read can be written. */
  static void check(byte[] bytes) throws ProtocolException {
    Packet packet;
    try {
      packet = FrameReader.read(ByteBuffer.wrap(bytes.clone()));
    } catch (ProtocolException e) {
      assertTrue(e.getMessage().length() < 200, "a short reason");
      return;
    }
    String line = FrameLog.line(false, packet);
    assertTrue(line.chars().noneMatch(Character::isISOControl), line);
    if (packet.frames().stream().noneMatch(PacketOracle::neverWritten)) {
      ByteBuffer written = Packets.encode(packet);
      assertEquals(bytes.length, written.remaining());
      assertEquals(Packets.show(packet), Packets.show(FrameReader.read(written)));
    }
  }

  private static boolean neverWritten(Frame frame) {
    // A HELLO of another version is only known by its version; long reasons are cut when written.
    return frame instanceof Frame.Ignored
        || (frame instanceof Frame.Hello hello && hello.version() != Wire.VERSION)
        || reason(frame).length() > Wire.MAX_REASON / 3;
  }

  private static String reason(Frame frame) {
    if (frame instanceof Frame.Reject f) {
      return f.reason();
    } else if (frame instanceof Frame.Close f) {
      return f.reason();
    } else if (frame instanceof Frame.GoAway f) {
      return f.reason();
    }
    return "";
  }
}
