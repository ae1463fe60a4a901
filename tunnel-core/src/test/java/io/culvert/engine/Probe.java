package io.culvert.engine;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.Packet;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Packets;
import io.culvert.frame.ProtocolException;
import io.culvert.link.Proofs;
import io.culvert.stream.Stream;
import io.culvert.stream.StreamLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** One engine, its events, and a peer that is played packet by packet. */
final class Probe implements EngineEvents {
  static final byte[] ID = new byte[16];
  static final byte[] SECRET = new byte[32];
  static final byte[] NONCE = new byte[32];

  final List<Stream> opened = new ArrayList<>();
  final List<String> events = new ArrayList<>();
  final List<EngineEnd> ends = new ArrayList<>();
  final Engine engine;
  long now = 1_000;

  private Probe(boolean dialer, EngineConfig config) {
    Random random = new Random(7);
    engine =
        dialer
            ? Engine.dialer(config, Map.of("app", "test"), random, this, now)
            : Engine.acceptor(config, random, this, now);
  }

  static Probe dialer() {
    return new Probe(true, EngineConfig.DEFAULT);
  }

  static Probe acceptor() {
    return new Probe(false, EngineConfig.DEFAULT);
  }

  static Probe of(boolean dialer, EngineConfig config) {
    return new Probe(dialer, config);
  }

  /** A configuration with few and small streams. */
  static EngineConfig small() {
    EngineConfig config = EngineConfig.DEFAULT;
    return new EngineConfig(
        new StreamLimits(1000, 4000, 10_000, 2000, 4),
        200_000,
        config.transit(),
        config.heartbeatIdle(),
        config.heartbeatTimeout(),
        config.handshakeTimeout(),
        config.resumeTime(),
        100,
        config.pingData());
  }

  /** Completes the handshake; what this side sent for it has been written. */
  Probe attached() {
    Frame first = engine.state().name().equals("GREETING") ? sent().get(0) : null;
    if (first instanceof Frame.Hello) {
      ctrl(welcome());
      sent();
    } else {
      ctrl(new Frame.Hello(1, 5000, 4, NONCE, Map.of()));
      Frame.Welcome welcome = (Frame.Welcome) sent().get(0);
      byte[] proof =
          Proofs.confirm(welcome.secret(), welcome.connectionId(), NONCE, welcome.nonce());
      ctrl(new Frame.Confirm(proof));
    }
    return this;
  }

  static Frame.Welcome welcome() {
    return new Frame.Welcome(1, 5000, 4, 0, ID, SECRET, NONCE);
  }

  void ctrl(Frame... frames) {
    engine.receive(engine.socket(), Packets.ctrl(0, frames), now);
  }

  void seq(long seq, long ack, Frame... frames) {
    engine.receive(engine.socket(), Packets.seq(seq, ack, frames), now);
  }

  /** Frames of all packets that are due; they count as written. */
  List<Frame> sent() {
    List<Frame> frames = new ArrayList<>();
    for (Packet packet = poll(true); packet != null; packet = poll(true)) {
      frames.addAll(packet.frames());
    }
    return frames;
  }

  /** The same as text, one line for each frame. */
  List<String> shown() {
    return Packets.show(new Packet(PacketKind.CTRL, 0, 0, sent())).lines().skip(1).toList();
  }

  /** The next packet, or null. */
  Packet poll(boolean written) {
    ByteBuffer bytes = engine.poll(now);
    if (bytes == null) {
      return null;
    }
    if (written) {
      engine.written(engine.socket(), bytes.remaining());
    }
    try {
      return FrameReader.read(bytes.duplicate());
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  ErrorCode endCode() {
    return engine.end() == null ? null : engine.end().code();
  }

  @Override
  public void established() {
    events.add("established");
  }

  @Override
  public void welcoming(String connectionId) {}

  @Override
  public void detached(String reason) {
    events.add("detached");
  }

  @Override
  public void resumeFailed(String reason) {
    events.add("resumeFailed");
  }

  @Override
  public void resumed(long outageNanos, int packets, long bytes) {
    events.add("resumed " + packets);
  }

  @Override
  public void pinged(byte[] data) {
    events.add("pinged");
  }

  @Override
  public void ponged(byte[] data, long roundTripNanos) {
    events.add("ponged");
  }

  @Override
  public void peerGoingAway() {
    events.add("peerGoingAway");
  }

  @Override
  public void ended(EngineEnd end) {
    events.add("ended");
    ends.add(end);
  }

  @Override
  public void opened(Stream stream) {
    events.add("opened " + stream.id());
    opened.add(stream);
  }

  @Override
  public void readable(Stream stream) {
    events.add("readable " + stream.id());
  }

  @Override
  public void writable(Stream stream) {
    events.add("writable " + stream.id());
  }

  @Override
  public void closed(Stream stream) {
    events.add("closed " + stream.id());
  }

  @Override
  public void mayOpen() {
    events.add("mayOpen");
  }
}
