package io.culvert.frame;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Reads packets. Checks all that can be checked without knowing the connection's state: lengths,
 * kinds, reserved bits, stream ids that must or must not be zero. Stateless and thread-safe.
 */
public final class FrameReader {

  private FrameReader() {}

  /**
   * Reads one packet: the buffer's remaining bytes. DATA frames refer to the buffer's array.
   *
   * @param in backed by an array
   * @throws ProtocolException if the bytes are not a well-formed packet
   */
  public static Packet read(ByteBuffer in) throws ProtocolException {
    if (in.remaining() > Wire.MAX_PACKET) {
      throw new ProtocolException(
          ErrorCode.LIMIT_EXCEEDED,
          "a packet may have " + Wire.MAX_PACKET + " bytes, but has " + in.remaining());
    }
    if (in.remaining() < Wire.PACKET_HEADER + Wire.FRAME_HEADER) {
      throw new ProtocolException("a packet of " + in.remaining() + " bytes is too short");
    }
    int kindNumber = in.get();
    int flags = in.get();
    int reserved = in.getShort();
    if (kindNumber < 0 || kindNumber > 1 || flags != 0 || reserved != 0) {
      throw new ProtocolException("the packet's kind, flags or reserved bits are not known");
    }
    PacketKind kind = kindNumber == 0 ? PacketKind.CTRL : PacketKind.SEQ;
    long ack = in.getLong();
    long seq = in.getLong();
    if (ack < 0 || seq < 0 || (kind == PacketKind.SEQ) != (seq > 0)) {
      throw new ProtocolException(
          kind
              + " packet with number "
              + Long.toUnsignedString(seq)
              + " and ack "
              + Long.toUnsignedString(ack));
    }
    List<Frame> frames = new ArrayList<>(4);
    do {
      frames.add(frame(kind, in));
    } while (in.hasRemaining());
    return new Packet(kind, ack, seq, frames);
  }

  private static Frame frame(PacketKind kind, ByteBuffer in) throws ProtocolException {
    if (in.remaining() < Wire.FRAME_HEADER) {
      throw new ProtocolException("a frame header is cut off after " + in.remaining() + " bytes");
    }
    int typeNumber = Byte.toUnsignedInt(in.get());
    int flags = Byte.toUnsignedInt(in.get());
    int length = Short.toUnsignedInt(in.getShort());
    int streamId = in.getInt();
    if (length > in.remaining()) {
      throw new ProtocolException(
          "a frame of " + length + " bytes does not fit into the " + in.remaining() + " left");
    }
    int end = in.position() + length;
    FrameType type = FrameType.of(typeNumber);
    if (type == null) {
      if ((flags & Wire.FLAG_IGNORABLE) == 0) {
        throw new ProtocolException("frame type " + typeNumber + " is not known");
      }
      in.position(end);
      return new Frame.Ignored(typeNumber, streamId);
    }
    check(type, kind, flags, streamId);
    ByteBuffer payload = in.duplicate().limit(end);
    in.position(end);
    if (type == FrameType.DATA) {
      int offset = payload.arrayOffset() + payload.position();
      boolean fin = (flags & Wire.FLAG_FIN) != 0;
      return new Frame.Data(streamId, fin, payload.array(), offset, length);
    }
    Frame frame = decode(type, streamId, payload);
    if (payload.hasRemaining()) {
      throw new ProtocolException(type + " has " + payload.remaining() + " bytes too many");
    }
    return frame;
  }

  private static void check(FrameType type, PacketKind kind, int flags, int streamId)
      throws ProtocolException {
    if (type.kind() != kind) {
      throw new ProtocolException(type + " in a " + kind + " packet");
    }
    int allowed = type == FrameType.DATA ? Wire.FLAG_FIN : 0;
    if ((flags & ~(allowed | Wire.FLAG_IGNORABLE)) != 0) {
      throw new ProtocolException(type + " with flags " + Integer.toHexString(flags));
    }
    boolean ofStream =
        switch (type) {
          case OPEN, DATA, CREDIT, RESET, STOP -> true;
          case HELLO,
              WELCOME,
              CONFIRM,
              RESUME,
              RESUMED,
              REJECT,
              ACK,
              PING,
              PONG,
              CLOSE,
              STREAMS,
              GOAWAY ->
              false;
        };
    if (ofStream ? streamId <= 0 : streamId != 0) {
      throw new ProtocolException(type + " with stream id " + Integer.toUnsignedString(streamId));
    }
  }

  private static Frame decode(FrameType type, int id, ByteBuffer in) throws ProtocolException {
    return switch (type) {
      case HELLO -> hello(in);
      case WELCOME -> welcome(in);
      case CONFIRM -> new Frame.Confirm(bytes(in, Wire.SECRET_BYTES));
      case RESUME ->
          new Frame.Resume(
              bytes(in, Wire.ID_BYTES),
              positive(u32(in), "epoch"),
              position(in),
              bytes(in, Wire.SECRET_BYTES),
              bytes(in, Wire.SECRET_BYTES));
      case RESUMED ->
          new Frame.Resumed(
              positive(u32(in), "epoch"),
              position(in),
              bytes(in, Wire.SECRET_BYTES),
              bytes(in, Wire.SECRET_BYTES));
      case REJECT -> new Frame.Reject(ErrorCode.of(u32(in)), reason(in));
      case ACK -> new Frame.Ack();
      case PING -> new Frame.Ping(u64(in), pingData(in));
      case PONG -> new Frame.Pong(u64(in), pingData(in));
      case CLOSE -> new Frame.Close(ErrorCode.of(u32(in)), reason(in));
      case OPEN -> new Frame.Open(id, attributes(in));
      case CREDIT -> new Frame.Credit(id, position(in));
      case RESET -> new Frame.Reset(id, ErrorCode.of(u32(in)));
      case STOP -> new Frame.Stop(id, ErrorCode.of(u32(in)));
      case STREAMS -> new Frame.Streams(notNegative(u32(in), "stream credit"));
      case GOAWAY ->
          new Frame.GoAway(
              notNegative(u32(in), "last stream id"), ErrorCode.of(u32(in)), reason(in));
      case DATA -> throw new AssertionError("DATA is read without copying");
    };
  }

  private static Frame hello(ByteBuffer in) throws ProtocolException {
    int version = u16(in);
    if (version != Wire.VERSION) {
      in.position(in.limit());
      return new Frame.Hello(version, 0, 0, new byte[0], Map.of());
    }
    return new Frame.Hello(
        version,
        notNegative(u32(in), "window"),
        notNegative(u32(in), "stream credit"),
        bytes(in, Wire.SECRET_BYTES),
        Attributes.decode(in));
  }

  private static Frame welcome(ByteBuffer in) throws ProtocolException {
    int version = u16(in);
    if (version != Wire.VERSION) {
      throw new ProtocolException(
          ErrorCode.UNSUPPORTED_VERSION,
          "the peer chose version " + version + "; this side speaks " + Wire.VERSION);
    }
    return new Frame.Welcome(
        version,
        notNegative(u32(in), "window"),
        notNegative(u32(in), "stream credit"),
        notNegative(u32(in), "resume time"),
        bytes(in, Wire.ID_BYTES),
        bytes(in, Wire.SECRET_BYTES),
        bytes(in, Wire.SECRET_BYTES));
  }

  private static Map<String, String> attributes(ByteBuffer in) throws ProtocolException {
    if (in.remaining() > Wire.MAX_ATTRIBUTES) {
      throw new ProtocolException(
          ErrorCode.LIMIT_EXCEEDED,
          "OPEN may have " + Wire.MAX_ATTRIBUTES + " bytes, but has " + in.remaining());
    }
    return Attributes.decode(in);
  }

  private static byte[] pingData(ByteBuffer in) throws ProtocolException {
    if (in.remaining() > Wire.MAX_PING_DATA) {
      throw new ProtocolException("a ping may have " + Wire.MAX_PING_DATA + " bytes of data");
    }
    return bytes(in, in.remaining());
  }

  private static String reason(ByteBuffer in) throws ProtocolException {
    if (in.remaining() > Wire.MAX_REASON) {
      throw new ProtocolException("a reason may have " + Wire.MAX_REASON + " bytes");
    }
    return Attributes.text(in, in.remaining());
  }

  private static byte[] bytes(ByteBuffer in, int count) throws ProtocolException {
    need(in, count);
    byte[] bytes = new byte[count];
    in.get(bytes);
    return bytes;
  }

  private static int u16(ByteBuffer in) throws ProtocolException {
    need(in, Short.BYTES);
    return Short.toUnsignedInt(in.getShort());
  }

  private static int u32(ByteBuffer in) throws ProtocolException {
    need(in, Integer.BYTES);
    return in.getInt();
  }

  private static long u64(ByteBuffer in) throws ProtocolException {
    need(in, Long.BYTES);
    return in.getLong();
  }

  /** An offset or packet number: the protocol never needs the 64th bit. */
  private static long position(ByteBuffer in) throws ProtocolException {
    long value = u64(in);
    if (value < 0) {
      throw new ProtocolException("a position of " + Long.toUnsignedString(value) + " is too far");
    }
    return value;
  }

  private static int notNegative(int value, String what) throws ProtocolException {
    if (value < 0) {
      throw new ProtocolException(what + " " + Integer.toUnsignedString(value) + " is too large");
    }
    return value;
  }

  private static int positive(int value, String what) throws ProtocolException {
    if (value <= 0) {
      throw new ProtocolException(what + " " + Integer.toUnsignedString(value) + " is not valid");
    }
    return value;
  }

  private static void need(ByteBuffer in, int count) throws ProtocolException {
    if (in.remaining() < count) {
      throw new ProtocolException(
          "expected " + count + " more bytes in a frame, but " + in.remaining() + " are left");
    }
  }
}
