package io.culvert.testkit.teeth;

import io.culvert.testkit.RawServer;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Stands between an adapter and its socket, and copies both directions; what breaks a rule of the
 * wire overrides one. Each call has a thread of its own.
 */
class Wire {
  private static final int MASKED = 0x80;

  /** From the peer to the adapter, until the end of the stream. */
  void incoming(InputStream from, OutputStream to) throws IOException {
    from.transferTo(to);
  }

  /** From the adapter to the peer. */
  void outgoing(InputStream from, OutputStream to) throws IOException {
    from.transferTo(to);
  }

  /** Copies an HTTP head as it is. */
  static void head(InputStream from, OutputStream to) throws IOException {
    to.write(ascii(RawServer.readHead(from)));
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A frame as it is on the wire. */
  static final class Frame {
    private final int first;
    private final byte[] key;
    private final long length;
    private final byte[] payload;

    /**
     * @param first FIN, reserved bits and opcode
     * @param key of the mask; empty if there is none
     * @param length as the frame says
     * @param payload still masked; empty if the length is none that anybody sends
     */
    Frame(int first, byte[] key, long length, byte[] payload) {
      this.first = first;
      this.key = key;
      this.length = length;
      this.payload = payload;
    }

    int first() {
      return first;
    }

    /** Whether the length is one that anybody sends. */
    boolean isWhole() {
      return length == payload.length;
    }

    boolean isMasked() {
      return key.length > 0;
    }

    boolean isControl() {
      return (first & 8) != 0;
    }

    Frame withFirst(int other) {
      return new Frame(other, key, length, payload);
    }

    /** Masked if it was not, and not if it was. */
    Frame withOtherMasking() {
      byte[] plain = payload.clone();
      for (int i = 0; i < plain.length && isMasked(); i++) {
        plain[i] ^= key[i % key.length];
      }
      return new Frame(first, new byte[isMasked() ? 0 : 4], length, plain);
    }

    void write(OutputStream to) throws IOException {
      ByteBuffer head = ByteBuffer.allocate(14).put((byte) first);
      int mask = isMasked() ? MASKED : 0;
      if (length >= 0 && length < 126) {
        head.put((byte) (mask | length));
      } else if (length >= 0 && length < 65_536) {
        head.put((byte) (mask | 126)).putShort((short) length);
      } else {
        head.put((byte) (mask | 127)).putLong(length);
      }
      head.put(key);
      byte[] bytes = new byte[head.position() + payload.length];
      head.flip().get(bytes, 0, head.limit());
      System.arraycopy(payload, 0, bytes, head.limit(), payload.length);
      to.write(bytes);
    }
  }

  /** What becomes of one frame. */
  @FunctionalInterface
  interface PerFrame {
    void pass(Frame frame, OutputStream to) throws IOException;
  }

  /** A head as it is, and then frames. */
  static void frames(InputStream from, OutputStream to, PerFrame each) throws IOException {
    head(from, to);
    DataInputStream in = new DataInputStream(from);
    for (int first = in.read(); first >= 0; first = in.read()) {
      int second = in.readUnsignedByte();
      long length = second & ~MASKED;
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = in.readLong();
      }
      byte[] key = in.readNBytes((second & MASKED) == 0 ? 0 : 4);
      byte[] payload = new byte[length < 0 || length > 1 << 20 ? 0 : (int) length];
      in.readFully(payload);
      each.pass(new Frame(first, key, length, payload), to);
    }
  }

  /** Listens in place of an acceptor, or of the peer that a dialer dials. */
  RawServer tap(InetSocketAddress target, Break.Side adapter) throws IOException {
    return new RawServer(
        dialer -> {
          try (Socket acceptor = new Socket(target.getAddress(), target.getPort())) {
            dialer.setTcpNoDelay(true);
            acceptor.setTcpNoDelay(true);
            Socket near = adapter == Break.Side.DIALER ? dialer : acceptor;
            Socket far = near == dialer ? acceptor : dialer;
            Thread in = new Thread(() -> copy(this::incoming, far, near), "teeth-wire-incoming");
            in.setDaemon(true);
            in.start();
            copy(this::outgoing, near, far);
            in.join();
          }
        });
  }

  @FunctionalInterface
  private interface Copy {
    void copy(InputStream from, OutputStream to) throws IOException;
  }

  private static void copy(Copy copy, Socket from, Socket to) {
    try {
      copy.copy(from.getInputStream(), to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      closeQuietly(from);
      closeQuietly(to);
    }
  }

  private static void closeQuietly(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException e) {
      // Closed is what it should be.
    }
  }
}
