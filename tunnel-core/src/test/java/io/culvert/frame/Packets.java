package io.culvert.frame;

import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.StringJoiner;

/** Packets in tests: built in one call, and shown with all their content for comparison. */
public final class Packets {

  private Packets() {}

  /** A packet without a number. */
  public static ByteBuffer ctrl(long ack, Frame... frames) {
    return encode(new Packet(PacketKind.CTRL, ack, 0, List.of(frames)));
  }

  /** A numbered packet. */
  public static ByteBuffer seq(long seq, long ack, Frame... frames) {
    return encode(new Packet(PacketKind.SEQ, ack, seq, List.of(frames)));
  }

  /** A DATA frame of all of {@code bytes}. */
  public static Frame.Data data(int streamId, boolean fin, byte[] bytes) {
    return new Frame.Data(streamId, fin, bytes, 0, bytes.length);
  }

  /** The packet's bytes. */
  public static ByteBuffer encode(Packet packet) {
    FrameWriter writer = new FrameWriter();
    writer.start(Wire.MAX_PACKET);
    for (Frame frame : packet.frames()) {
      if (!writer.write(frame)) {
        throw new IllegalArgumentException("does not fit: " + frame);
      }
    }
    return writer.finish(packet.kind(), packet.ack(), packet.seq());
  }

  /** Everything that a packet says; equal for equal packets. */
  public static String show(Packet packet) {
    StringJoiner text = new StringJoiner("\n");
    text.add(packet.kind() + " seq " + packet.seq() + " ack " + packet.ack());
    packet.frames().forEach(frame -> text.add(show(frame)));
    return text.toString();
  }

  private static String show(Frame frame) {
    if (frame instanceof Frame.Data data) {
      int end = data.offset() + data.length();
      String payload = hex(Arrays.copyOfRange(data.array(), data.offset(), end));
      return "Data " + data.streamId() + (data.fin() ? " FIN " : " ") + payload;
    }
    StringJoiner text = new StringJoiner(", ", frame.getClass().getSimpleName() + " ", "");
    for (RecordComponent component : frame.getClass().getRecordComponents()) {
      Object value;
      try {
        value = component.getAccessor().invoke(frame);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError(e.getMessage(), e);
      }
      text.add(component.getName() + "=" + (value instanceof byte[] b ? hex(b) : value));
    }
    return text.toString();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
