package io.culvert.testkit;

import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.FrameWriter;
import io.culvert.frame.Packet;
import io.culvert.frame.PacketKind;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import io.culvert.link.Proofs;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A peer that plays exact packets, well-formed and not, and remembers what comes back. It keeps no
 * rule by itself but the numbering, which every method that names numbers overrides.
 *
 * <p>It does not know what carries the messages: whoever does gives it a way to send, and calls
 * {@link #received} with every message, from any one thread. One thread plays.
 */
public final class ScriptedPeer {
  /** The nonce that this peer uses: proofs need to be known, not secret. */
  private static final byte[] NONCE = filled(7);

  private static final byte[] ID = Arrays.copyOf(filled(8), Wire.ID_BYTES);
  private static final byte[] SECRET = filled(9);

  private final Consumer<ByteBuffer> out;
  private final Duration patience;
  private final FrameWriter writer = new FrameWriter();
  private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
  private final AtomicLong receivedSeq = new AtomicLong();
  private final AtomicLong receivedAck = new AtomicLong();
  private long sentSeq;

  /**
   * @param out sends one binary message
   * @param patience how long {@link #expect} waits for a frame; zero when {@code out} causes the
   *     answers before it returns
   */
  public ScriptedPeer(Consumer<ByteBuffer> out, Duration patience) {
    this.out = out;
    this.patience = patience;
  }

  /** A message of the other side has come. The array is kept. */
  public void received(ByteBuffer message) {
    Packet packet;
    try {
      packet = FrameReader.read(message);
    } catch (ProtocolException e) {
      throw new AssertionError("the other side sent a packet that cannot be read", e);
    }
    receivedAck.set(packet.ack());
    if (packet.kind() == PacketKind.SEQ) {
      receivedSeq.set(packet.seq());
    }
    frames.addAll(packet.frames());
  }

  // Playing.

  /** Sends a CTRL packet. */
  public void ctrl(Frame... content) {
    packet(PacketKind.CTRL, receivedSeq.get(), 0, content);
  }

  /** Sends a SEQ packet with the next number. */
  public void seq(Frame... content) {
    packet(PacketKind.SEQ, receivedSeq.get(), ++sentSeq, content);
  }

  /** Sends a packet with exactly these numbers. */
  public void packet(PacketKind kind, long ack, long seq, Frame... content) {
    writer.start(Wire.MAX_PACKET);
    for (Frame frame : content) {
      if (!writer.write(frame)) {
        throw new IllegalArgumentException(frame + " does not fit into the packet");
      }
    }
    out.accept(writer.finish(kind, ack, seq));
  }

  /** Sends a SEQ packet with the next number and any bytes for its frames. */
  public void rawSeq(byte[] content) {
    ByteBuffer packet = ByteBuffer.allocate(Wire.PACKET_HEADER + content.length);
    packet.put((byte) PacketKind.SEQ.number()).put((byte) 0).putShort((short) 0);
    packet.putLong(receivedSeq.get()).putLong(++sentSeq).put(content);
    out.accept(packet.flip());
  }

  /** Sends any bytes. */
  public void raw(byte[] message) {
    out.accept(ByteBuffer.wrap(message));
  }

  /** The bytes of one frame, whether or not there is such a thing. */
  public static byte[] rawFrame(int type, int flags, int streamId, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(Wire.FRAME_HEADER + payload.length);
    frame.put((byte) type).put((byte) flags).putShort((short) payload.length).putInt(streamId);
    return frame.put(payload).array();
  }

  /** A DATA frame of {@code length} zeros. */
  public static Frame.Data data(int streamId, int length, boolean fin) {
    return new Frame.Data(streamId, fin, new byte[length], 0, length);
  }

  // Handshake.

  /** As a dialer: the first step. */
  public void hello(int window, int streams, Map<String, String> metadata) {
    ctrl(new Frame.Hello(Wire.VERSION, window, streams, NONCE, metadata));
  }

  /** As a dialer: the third step, proving what the WELCOME said. */
  public void confirm(Frame.Welcome welcome) {
    ctrl(
        new Frame.Confirm(
            Proofs.confirm(welcome.secret(), welcome.connectionId(), NONCE, welcome.nonce())));
  }

  /** As a dialer: all of the handshake. */
  public void dial(int window, int streams) {
    hello(window, streams, Map.of());
    confirm(expect(Frame.Welcome.class));
  }

  /** As an acceptor: all of the handshake; returns the dialer's HELLO. */
  public Frame.Hello accept(int window, int streams) {
    Frame.Hello hello = expect(Frame.Hello.class);
    ctrl(new Frame.Welcome(Wire.VERSION, window, streams, 0, ID, SECRET, NONCE));
    Frame.Confirm confirm = expect(Frame.Confirm.class);
    byte[] proof = Proofs.confirm(SECRET, ID, hello.nonce(), NONCE);
    if (!Proofs.matches(proof, confirm.proof())) {
      throw new AssertionError("the dialer's proof is wrong");
    }
    return hello;
  }

  // What came back.

  /** The next frame, which must be of this type. */
  public <F extends Frame> F expect(Class<F> type) {
    Frame frame = next();
    if (!type.isInstance(frame)) {
      throw new AssertionError("expected " + type.getSimpleName() + " but got " + frame);
    }
    return type.cast(frame);
  }

  /** The next frame of this type; others before it are skipped. */
  public <F extends Frame> F await(Class<F> type) {
    Frame frame = next();
    while (frame != null && !type.isInstance(frame)) {
      frame = next();
    }
    if (frame == null) {
      throw new AssertionError("no " + type.getSimpleName() + " came");
    }
    return type.cast(frame);
  }

  /** The next frame, or null if none comes within the patience. */
  public Frame next() {
    try {
      return frames.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted while waiting for a frame", e);
    }
  }

  /** How many frames have come and were not looked at. */
  public int unread() {
    return frames.size();
  }

  /** Forgets what has come so far. */
  public void skipAll() {
    frames.clear();
  }

  /** The highest packet number that the other side has acknowledged. */
  public long acknowledged() {
    return receivedAck.get();
  }

  /** The number of the last SEQ packet that {@link #seq} has sent. */
  public long sentSeq() {
    return sentSeq;
  }

  private static byte[] filled(int value) {
    byte[] bytes = new byte[Wire.SECRET_BYTES];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }
}
