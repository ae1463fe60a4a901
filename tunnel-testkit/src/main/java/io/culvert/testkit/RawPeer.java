package io.culvert.testkit;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;

/**
 * One end of an upgraded WebSocket, played frame by frame (RFC 6455 section 5.2), well-formed or
 * not. For one thread; {@link #close} ends its socket and threads.
 */
public final class RawPeer implements Closeable {
  /** A key other than zeros, so that a receiver that does not unmask is found out. */
  private static final byte[] MASK_KEY = {0x5a, 0x17, (byte) 0xc3, 0x01};

  private static final int MASKED = 0x80;

  /**
   * A frame that came.
   *
   * @param first FIN, reserved bits and opcode
   * @param payload unmasked
   */
  public record Frame(int first, boolean masked, ByteBuffer payload) {
    /** The four bits. */
    public int opcode() {
      return first & 0x0f;
    }
  }

  private final Socket socket;
  private final DataInputStream in;
  private final boolean masks;
  private final Closeable server;
  private boolean closeSent;

  private RawPeer(Socket socket, boolean masks, Closeable server) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(socket.getInputStream());
    this.masks = masks;
    this.server = server;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
  }

  /** Opens a WebSocket to this address, and returns when it is open. */
  @FunctionalInterface
  public interface Dial {
    void dial(InetSocketAddress acceptor) throws IOException;
  }

  /** Is dialed: plays the acceptor to this dialer. The upgrade is done when this returns. */
  public static RawPeer dialedBy(
      WebSocketDialer dialer, String subprotocol, int maxMessageBytes, WebSocketListener listener)
      throws IOException {
    return dialedBy(
        acceptor ->
            dialer.dial(
                new DialRequest(
                    URI.create("ws://localhost:" + acceptor.getPort() + "/"),
                    Map.of(),
                    subprotocol,
                    RecordingListener.HANG_GUARD,
                    null,
                    Proxy.NO_PROXY,
                    null,
                    maxMessageBytes),
                listener),
        subprotocol);
  }

  /** Is dialed: plays the acceptor. The upgrade is done when this returns. */
  public static RawPeer dialedBy(Dial dial, String subprotocol) throws IOException {
    SynchronousQueue<Socket> upgraded = new SynchronousQueue<>();
    CountDownLatch over = new CountDownLatch(1);
    RawServer server =
        new RawServer(
            accepted -> {
              RawUpgrade.accept(accepted, "Sec-WebSocket-Protocol: " + subprotocol);
              upgraded.put(accepted);
              over.await();
            });
    try {
      dial.dial(server.address());
      return new RawPeer(upgraded.take(), false, server::close);
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    } catch (InterruptedException e) {
      server.close();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Dials: plays the dialer to an acceptor. The upgrade is done when this returns. */
  public static RawPeer dialing(InetSocketAddress acceptor, String subprotocol) throws IOException {
    Socket socket = new Socket("localhost", acceptor.getPort());
    try {
      socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
      RawUpgrade.request(socket, "Sec-WebSocket-Protocol: " + subprotocol);
      String head = RawServer.readHead(socket.getInputStream());
      if (!head.startsWith("HTTP/1.1 101 ")) {
        throw new IOException("expected 101, but got " + head);
      }
      return new RawPeer(socket, true, () -> {});
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Sends one frame, masked if this end must. */
  public void send(int firstByte, byte... payload) throws IOException {
    closeSent |= (firstByte & 0x0f) == 0x8;
    write(frame(firstByte, payload));
  }

  /** Sends one frame that is masked if it must not be, and not if it must. */
  public void sendWronglyMasked(int firstByte, byte... payload) throws IOException {
    write(frame(firstByte, payload, !masks));
  }

  /** One frame as this end sends it. */
  public byte[] frame(int firstByte, byte... payload) {
    return frame(firstByte, payload, masks);
  }

  private static byte[] frame(int firstByte, byte[] payload, boolean masked) {
    byte[] plain = RawUpgrade.frame(firstByte, payload);
    if (!masked) {
      return plain;
    }
    int head = plain.length - payload.length;
    ByteBuffer frame = ByteBuffer.allocate(plain.length + MASK_KEY.length);
    frame.put(plain, 0, head).put(1, (byte) (plain[1] | MASKED)).put(MASK_KEY);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ MASK_KEY[i % MASK_KEY.length]));
    }
    return frame.array();
  }

  /** Sends bytes as they are. */
  public void write(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  /** Ends this direction of the socket; the other can be read on. */
  public void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** The mask bit of a second byte as this end must set it. */
  public int maskBit() {
    return masks ? MASKED : 0;
  }

  /** Waits for the next frame; null when the socket has ended, orderly or not. */
  public Frame next() throws IOException {
    try {
      int first = in.readUnsignedByte();
      int second = in.readUnsignedByte();
      int length = second & ~MASKED;
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = Math.toIntExact(in.readLong());
      }
      byte[] key = in.readNBytes((second & MASKED) == 0 ? 0 : MASK_KEY.length);
      byte[] payload = new byte[length];
      in.readFully(payload);
      for (int i = 0; i < length && key.length > 0; i++) {
        payload[i] ^= key[i % key.length];
      }
      return new Frame(first, key.length > 0, ByteBuffer.wrap(payload));
    } catch (EOFException | SocketException e) {
      return null;
    }
  }

  /**
   * Waits for the close frame, passing over what comes before, answers it, and waits for the end of
   * the socket, which is the acceptor's to begin (RFC 6455 section 7.1.1).
   *
   * @return its code; 1005 if it has none; 1006 if the socket ended without a close frame
   */
  public int awaitEnd() throws IOException {
    int code = 1006;
    for (Frame frame = next(); frame != null; frame = next()) {
      if (frame.opcode() == 0x8 && code == 1006) {
        code = frame.payload().remaining() < 2 ? 1005 : frame.payload().getChar(0);
        answerClose(code);
      }
    }
    return code;
  }

  private void answerClose(int code) {
    try {
      if (!closeSent) {
        send(0x88, code == 1005 ? new byte[0] : closePayload(code));
      }
      if (!masks) {
        shutdownOutput();
      }
    } catch (IOException e) {
      // The other end did not wait for it.
    }
  }

  /** A close frame's payload. */
  public static byte[] closePayload(int code, byte... reason) {
    return ByteBuffer.allocate(Short.BYTES + reason.length)
        .putShort((short) code)
        .put(reason)
        .array();
  }

  @Override
  public void close() throws IOException {
    socket.close();
    server.close();
  }
}
