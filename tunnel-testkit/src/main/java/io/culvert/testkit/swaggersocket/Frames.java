package io.culvert.testkit.swaggersocket;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The frames of RFC 6455 on a socket, in and out. Any thread may write, a frame is never inside
 * another; one thread reads.
 */
final class Frames {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;
  static final int FIN = 0x80;

  /** Bounds what one frame makes this peer keep. */
  private static final int MAX_PAYLOAD = 64 << 20;

  /** One frame that came; the payload is unmasked. */
  static final class Frame {
    private final int firstByte;
    private final byte[] payload;

    Frame(int firstByte, byte[] payload) {
      this.firstByte = firstByte;
      this.payload = payload;
    }

    int opcode() {
      return firstByte & 0x0f;
    }

    boolean fin() {
      return (firstByte & FIN) != 0;
    }

    byte[] payload() {
      return payload;
    }
  }

  private final OutputStream out;
  private final DataInputStream in;
  private final boolean masking;

  /**
   * @param masking whether this side dialed: it masks what it sends and gets unmasked frames
   */
  Frames(Socket socket, boolean masking) throws IOException {
    this.masking = masking;
    out = socket.getOutputStream();
    in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  void write(int firstByte, byte[] payload) throws IOException {
    write(firstByte, payload, 0, payload.length);
  }

  /** Writes one frame, whether or not it is a legal one. */
  synchronized void write(int firstByte, byte[] payload, int from, int length) throws IOException {
    ByteBuffer frame = ByteBuffer.allocate(length + 14).put((byte) firstByte);
    int mask = masking ? 0x80 : 0;
    if (length < 126) {
      frame.put((byte) (mask | length));
    } else if (length < 65_536) {
      frame.put((byte) (mask | 126)).putShort((short) length);
    } else {
      frame.put((byte) (mask | 127)).putLong(length);
    }
    if (masking) {
      int key = ThreadLocalRandom.current().nextInt();
      frame.putInt(key);
      for (int i = 0; i < length; i++) {
        frame.put((byte) (payload[from + i] ^ keyByte(key, i)));
      }
    } else {
      frame.put(payload, from, length);
    }
    out.write(frame.array(), 0, frame.position());
  }

  synchronized void writeRaw(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  private static int keyByte(int key, int index) {
    return key >>> (24 - 8 * (index & 3));
  }

  /**
   * Waits for a frame.
   *
   * @throws ProtocolError if it breaks RFC 6455
   */
  Frame read() throws IOException {
    int first = in.readUnsignedByte();
    int second = in.readUnsignedByte();
    long length = length(second & 0x7f);
    check((first & 0x70) == 0, "a reserved bit is set, and no extension was negotiated");
    check((second & 0x80) != 0 != masking, "the acceptor got an unmasked or the dialer a masked");
    check(length <= MAX_PAYLOAD, "a length of " + length);
    if ((first & 0x08) != 0) {
      check((first & FIN) != 0 && length <= 125, "a control frame is long or fragmented");
    }
    int key = masking ? 0 : in.readInt();
    byte[] payload = new byte[(int) length];
    in.readFully(payload);
    for (int i = 0; !masking && i < payload.length; i++) {
      payload[i] ^= (byte) keyByte(key, i);
    }
    return new Frame(first, payload);
  }

  private long length(int shortLength) throws IOException {
    return switch (shortLength) {
      case 126 -> in.readUnsignedShort();
      case 127 -> in.readLong();
      default -> shortLength;
    };
  }

  private static void check(boolean legal, String what) throws ProtocolError {
    if (!legal) {
      throw new ProtocolError("frame: " + what);
    }
  }

  /** The other side sent what the protocol forbids. */
  static final class ProtocolError extends IOException {
    private static final long serialVersionUID = 1L;

    ProtocolError(String message) {
      super(message);
    }
  }
}
