package io.culvert.frame;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Builds one packet at a time. Frames are appended while they fit; {@link #finish} gives the packet
 * away. Not thread-safe.
 */
public final class FrameWriter {
  /** Below this fill a packet is copied out, so that a small packet does not hold a large array. */
  private static final int COPY_BELOW = Wire.MAX_PACKET / 2;

  private byte[] bytes = new byte[Wire.MAX_PACKET];
  private ByteBuffer out = ByteBuffer.wrap(bytes);
  private int limit = Wire.MAX_PACKET;

  /**
   * Starts a packet, forgetting what was written of the one before.
   *
   * @param maxBytes the packet's largest size, header included
   */
  public void start(int maxBytes) {
    limit = Math.min(maxBytes, Wire.MAX_PACKET);
    out.clear();
    out.position(Wire.PACKET_HEADER);
  }

  /** Whether no frame was written since {@link #start}. */
  public boolean isEmpty() {
    return out.position() == Wire.PACKET_HEADER;
  }

  /** How many payload bytes a further frame may have; negative when none fits. */
  public int space() {
    return limit - out.position() - Wire.FRAME_HEADER;
  }

  /**
   * Completes the packet.
   *
   * @param seq 0 for a CTRL packet
   * @return the packet's bytes; the writer keeps no reference to them
   */
  public ByteBuffer finish(PacketKind kind, long ack, long seq) {
    int size = out.position();
    out.put(0, (byte) kind.number()).put(1, (byte) 0).putShort(2, (short) 0);
    out.putLong(4, ack).putLong(12, seq);
    byte[] packet = bytes;
    if (size < COPY_BELOW) {
      packet = Arrays.copyOf(bytes, size);
    } else {
      bytes = new byte[Wire.MAX_PACKET];
      out = ByteBuffer.wrap(bytes);
    }
    return ByteBuffer.wrap(packet, 0, size);
  }

  /**
   * Writes the header of a DATA frame and leaves room for its payload, which the caller fills in.
   *
   * @return the payload's place in {@link #array}
   */
  public int data(int streamId, int length, boolean fin) {
    header(FrameType.DATA, fin ? Wire.FLAG_FIN : 0, length, streamId);
    int offset = out.position();
    out.position(offset + length);
    return offset;
  }

  /** The array behind the packet that is being written, for the payload of {@link #data}. */
  public byte[] array() {
    return bytes;
  }

  /**
   * Appends a frame.
   *
   * @return whether it fitted; if not, nothing was written
   */
  public boolean write(Frame frame) {
    byte[] payload = payload(frame);
    if (payload.length > space()) {
      return false;
    }
    int flags = frame instanceof Frame.Data data && data.fin() ? Wire.FLAG_FIN : 0;
    header(frame.type(), flags, payload.length, frame.streamId());
    out.put(payload);
    return true;
  }

  /** Appends a CREDIT frame if it fits. */
  public boolean credit(int streamId, long offset) {
    if (space() < Long.BYTES) {
      return false;
    }
    header(FrameType.CREDIT, 0, Long.BYTES, streamId);
    out.putLong(offset);
    return true;
  }

  private void header(FrameType type, int flags, int length, int streamId) {
    out.put((byte) type.number()).put((byte) flags).putShort((short) length).putInt(streamId);
  }

  private static byte[] payload(Frame frame) {
    if (frame instanceof Frame.Reject f) {
      return coded(f.code(), f.reason());
    } else if (frame instanceof Frame.Ping f) {
      return token(f.token(), f.data());
    } else if (frame instanceof Frame.Pong f) {
      return token(f.token(), f.data());
    } else if (frame instanceof Frame.Close f) {
      return coded(f.code(), f.reason());
    } else if (frame instanceof Frame.Open f) {
      return Attributes.encode(f.attributes(), Wire.MAX_ATTRIBUTES);
    } else if (frame instanceof Frame.Data f) {
      return Arrays.copyOfRange(f.array(), f.offset(), f.offset() + f.length());
    } else if (frame instanceof Frame.Credit f) {
      return ByteBuffer.allocate(8).putLong(f.offset()).array();
    } else if (frame instanceof Frame.Reset f) {
      return ByteBuffer.allocate(4).putInt(f.code().number()).array();
    } else if (frame instanceof Frame.Stop f) {
      return ByteBuffer.allocate(4).putInt(f.code().number()).array();
    } else if (frame instanceof Frame.Streams f) {
      return ByteBuffer.allocate(4).putInt(f.total()).array();
    } else if (frame instanceof Frame.GoAway f) {
      byte[] reason = coded(f.code(), f.reason());
      return ByteBuffer.allocate(4 + reason.length).putInt(f.lastStreamId()).put(reason).array();
    } else if (frame instanceof Frame.Ack) {
      return new byte[0];
    }
    return handshake(frame);
  }

  /** HELLO, WELCOME and CONFIRM, and the frames of resuming. */
  private static byte[] handshake(Frame frame) {
    if (frame instanceof Frame.Hello f) {
      byte[] metadata = Attributes.encode(f.metadata(), Wire.MAX_PACKET);
      return ByteBuffer.allocate(10 + f.nonce().length + metadata.length)
          .putShort((short) f.version())
          .putInt(f.window())
          .putInt(f.streams())
          .put(f.nonce())
          .put(metadata)
          .array();
    } else if (frame instanceof Frame.Welcome f) {
      return ByteBuffer.allocate(14 + Wire.ID_BYTES + 2 * Wire.SECRET_BYTES)
          .putShort((short) f.version())
          .putInt(f.window())
          .putInt(f.streams())
          .putInt(f.resumeSeconds())
          .put(f.connectionId())
          .put(f.secret())
          .put(f.nonce())
          .array();
    } else if (frame instanceof Frame.Confirm f) {
      return f.proof();
    } else if (frame instanceof Frame.Resume f) {
      return ByteBuffer.allocate(Wire.ID_BYTES + 12 + 2 * Wire.SECRET_BYTES)
          .put(f.connectionId())
          .putInt(f.epoch())
          .putLong(f.received())
          .put(f.nonce())
          .put(f.proof())
          .array();
    } else if (frame instanceof Frame.Resumed f) {
      return ByteBuffer.allocate(12 + 2 * Wire.SECRET_BYTES)
          .putInt(f.epoch())
          .putLong(f.received())
          .put(f.nonce())
          .put(f.proof())
          .array();
    }
    throw new IllegalStateException(frame + " is never sent");
  }

  private static byte[] token(long token, byte[] data) {
    return ByteBuffer.allocate(8 + data.length).putLong(token).put(data).array();
  }

  private static byte[] coded(ErrorCode code, String reason) {
    byte[] text = truncated(reason).getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(4 + text.length).putInt(code.number()).put(text).array();
  }

  /** A reason of any length, cut so that even three-byte characters stay within the limit. */
  private static String truncated(String reason) {
    int most = Wire.MAX_REASON / 3;
    if (reason.length() <= most) {
      return reason;
    }
    int end = Character.isHighSurrogate(reason.charAt(most - 1)) ? most - 1 : most;
    return reason.substring(0, end);
  }
}
