package io.culvert.engine;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameLog;
import io.culvert.frame.FrameReader;
import io.culvert.frame.FrameWriter;
import io.culvert.frame.Packet;
import io.culvert.frame.PacketKind;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import io.culvert.link.Acknowledger;
import io.culvert.link.Heartbeat;
import io.culvert.link.LinkState;
import io.culvert.link.Outbox;
import io.culvert.link.Pulse;
import io.culvert.link.ReplayBuffer;
import io.culvert.stream.Stream;
import io.culvert.stream.Streams;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One side of one connection. Times are {@code System.nanoTime}-like: only differences count, and
 * they never go back.
 *
 * <p>Whoever drives an engine hands it every message ({@link #receive}), sends every packet that
 * {@link #poll} gives, in order, reports when it was written ({@link #written}), and calls {@link
 * #tick} at {@link #deadline}. After each call packets may be due: {@link #hasWork}.
 *
 * <p>WebSockets come and go ({@link #socketLost}, {@link #resume}); each has a number, from 1, and
 * what is told of any but the newest is ignored.
 */
public final class Engine {
  private final EngineEvents events;
  private final Streams streams;
  private final Drain drain;
  private final Acknowledger acknowledger = new Acknowledger();
  private final ReplayBuffer replay;
  private final Outbox outbox;
  private final Pulse pulse;
  private final LinkControl link;

  private EngineEnd end;
  private boolean peerGoingAway;
  private Consumer<String> packetLog;

  private Engine(
      boolean dialer, EngineConfig config, RandomGenerator random, EngineEvents events, long now) {
    this.events = events;
    this.streams = new Streams(dialer, config.streams(), events);
    this.drain = new Drain(streams::acceptNoMore);
    this.replay = new ReplayBuffer(config.replayBuffer());
    this.outbox = new Outbox(config.transit(), replay, acknowledger);
    this.pulse =
        new Pulse(
            new Heartbeat(config.heartbeatIdle(), config.heartbeatTimeout(), now),
            config.pingData());
    this.link =
        new LinkControl(
            dialer,
            config,
            random,
            events,
            new LinkControl.Transmission(acknowledger, replay, outbox, pulse),
            new Consequences(),
            now);
  }

  /**
   * The side that dialed; HELLO is due at once.
   *
   * @param metadata what the acceptor is told about this side
   * @param random for nonces: unpredictable in production, seeded in simulations
   * @throws IllegalArgumentException if the metadata cannot be encoded
   */
  public static Engine dialer(
      EngineConfig config,
      Map<String, String> metadata,
      RandomGenerator random,
      EngineEvents events,
      long now) {
    Engine engine = new Engine(true, config, random, events, now);
    engine.link.greet(metadata);
    return engine;
  }

  /** The side that accepted. */
  public static Engine acceptor(
      EngineConfig config, RandomGenerator random, EngineEvents events, long now) {
    return new Engine(false, config, random, events, now);
  }

  /** Hands every packet, in either direction, to {@code log} as one line; null switches it off. */
  public void packetLog(Consumer<String> log) {
    packetLog = log;
    outbox.packetLog(log);
  }

  // Input.

  /**
   * A binary message has arrived. The engine owns the buffer's array from here on.
   *
   * @param socket the number of its WebSocket
   */
  public void receive(int socket, ByteBuffer message, long now) {
    if (end != null || !link.carriedBy(socket)) {
      return;
    }
    pulse.life(now);
    int size = message.remaining();
    try {
      Packet packet = FrameReader.read(message);
      if (packetLog != null) {
        packetLog.accept(FrameLog.line(false, packet));
      }
      process(packet, size, now);
    } catch (ProtocolException e) {
      violated(socket, e.code(), e.getMessage(), now);
    }
  }

  /** Something has arrived that the protocol does not allow, such as a text message. */
  public void violated(int socket, ErrorCode code, String message, long now) {
    if (end != null || !link.carriedBy(socket)) {
      return;
    }
    link.violated(code, message, now);
  }

  /** The WebSocket has ended without a CLOSE. */
  public void socketLost(int socket, String reason, long now) {
    if (end != null || !link.carriedBy(socket)) {
      return;
    }
    link.socketLost(reason, true, ErrorCode.CONNECTION_LOST, now);
  }

  /** The WebSocket has written this many bytes of the packets that {@link #poll} gave. */
  public void written(int socket, int bytes) {
    if (link.socket() == socket) {
      outbox.written(bytes);
    }
  }

  /**
   * Dialer: a new WebSocket has opened, in the place of the one before, which is fenced from here
   * on whether it is broken or not. RESUME is due.
   *
   * @return its number; 0 if the link cannot be resumed
   */
  public int resume(long now) {
    return end == null ? link.resume(now) : 0;
  }

  /**
   * Acceptor: a new WebSocket has brought this as its first frame. If it proves the secret the
   * socket before is fenced, and RESUMED is due; if not, nothing has happened.
   *
   * @return the socket's number; 0 if it gets nothing
   */
  public int resume(Frame.Resume frame, long now) {
    return end == null ? link.resume(frame, now) : 0;
  }

  /**
   * Acts on the time that has passed; to be called at {@link #deadline}, and harmless otherwise.
   */
  public void tick(long now) {
    if (end == null) {
      link.tick(now);
    }
  }

  /** When {@link #tick} is to be called at the latest; {@code Long.MAX_VALUE}: not by itself. */
  public long deadline() {
    if (end != null) {
      return Long.MAX_VALUE;
    }
    // An ACK that cannot go out now goes out when the socket has written, not at a time.
    boolean acks = link.attached() && !outbox.blocked();
    return earlier(link.deadline(), acks ? acknowledger.deadline() : Long.MAX_VALUE);
  }

  // Output.

  /** Whether {@link #poll} may give a packet now; false after it gave none. */
  public boolean hasWork(long now) {
    if (outbox.blocked()) {
      return false;
    }
    if (link.hasFrameDue()) {
      return true;
    }
    if (!link.attached()) {
      return false;
    }
    return pulse.hasWork(streams.wantsProbe())
        || acknowledger.due(now)
        || outbox.againDue()
        || dataDue();
  }

  /**
   * The next packet to send on the newest socket, or null. The engine keeps the buffer for replay:
   * it must not change.
   */
  public ByteBuffer poll(long now) {
    if (outbox.blocked()) {
      return null;
    }
    if (link.hasFrameDue()) {
      return outbox.control(link.takeFrame());
    }
    if (!link.attached()) {
      return null;
    }
    if (pulse.hasWork(streams.wantsProbe())) {
      return pingAndPong(now);
    }
    ByteBuffer data = outbox.again();
    if (data == null && dataDue()) {
      data = data();
    }
    if (data != null) {
      link.handedOut(replay.nextToSend() - 1);
      return data;
    }
    return acknowledger.due(now) ? outbox.control(new Frame.Ack()) : null;
  }

  // Calls of the application.

  /** The streams, for opening, reading and writing. */
  public Streams streams() {
    return streams;
  }

  /** Whether a stream can be opened now. */
  public boolean mayOpen() {
    return link.attached() && accepting() && streams.mayOpen();
  }

  /**
   * Whether a stream can be opened at all: now, or when the link has a socket again, or when the
   * peer has granted more.
   */
  public boolean accepting() {
    return end == null
        && link.confirmed()
        && !peerGoingAway
        && !drain.started()
        && !streams.exhausted();
  }

  /** Whether the connection outlives its WebSocket. */
  public boolean resumable() {
    return end == null && link.outlivesSocket();
  }

  /** Opens a stream; see {@link Streams#open}. */
  public Stream open(Map<String, String> attributes) {
    return streams.open(attributes);
  }

  /** Announces that no new streams are taken; running ones go on. */
  public void drain(String reason) {
    if (end == null && !drain.started()) {
      drain.start(reason);
      events.mayOpen();
    }
  }

  /** Ends the connection: streams fail, CLOSE goes out if there is a socket that takes it. */
  public void close(ErrorCode code, String reason) {
    if (end == null) {
      link.end(code, reason, true);
    }
  }

  /**
   * Ends the connection because something failed or nobody wants it any more. The peer is told if
   * the socket takes it at once: it would wait for a resume.
   */
  public void abort(String reason) {
    if (end == null) {
      link.end(ErrorCode.ABORTED, reason, !outbox.blocked());
    }
  }

  /** How the connection ended, or null. */
  public EngineEnd end() {
    return end;
  }

  /** Where the link is in its life. */
  public LinkState state() {
    return link.state();
  }

  /** The number of the newest socket, from 1. */
  public int socket() {
    return link.socket();
  }

  /** The connection id. Known once established. */
  public String connectionId() {
    return link.connectionId();
  }

  /** What the dialer said about itself. */
  public Map<String, String> metadata() {
    return link.metadata();
  }

  /** The latest round trip in nanoseconds; 0 if none was measured. */
  public long roundTripNanos() {
    return pulse.roundTripNanos();
  }

  /** Bytes handed to the WebSocket that were not reported as written. */
  public int inTransit() {
    return outbox.inTransit();
  }

  /**
   * Whether a byte of the stream, or its FIN, may have arrived at the peer, or still will: what is
   * in a packet is sent again, also when the stream was reset meanwhile, unless the connection
   * ends.
   */
  public boolean mayHaveArrived(Stream stream) {
    return end == null ? stream.firstPacket() > 0 : link.mayHaveArrived(stream.firstPacket());
  }

  /** Bytes of packets that the peer has not acknowledged. */
  public long replayBytes() {
    return replay.bytes();
  }

  // Receiving.

  private void process(Packet packet, int size, long now) throws ProtocolException {
    if (link.attached()) {
      link.acknowledged(packet.ack()); // else whoever sent it has proved nothing yet
    }
    if (packet.kind() == PacketKind.SEQ && !link.attached()) {
      throw new ProtocolException("a SEQ packet before the handshake is complete");
    }
    if (packet.kind() == PacketKind.SEQ) {
      if (packet.seq() > acknowledger.received() + 1 && link.outlivesSocket()) {
        String gap =
            "expected packet " + (acknowledger.received() + 1) + " but got " + packet.seq();
        link.socketLost(gap, false, ErrorCode.PROTOCOL_ERROR, now);
        return;
      }
      if (!acknowledger.accept(packet.seq(), size, now)) {
        return;
      }
    }
    for (Frame frame : packet.frames()) {
      process(frame, now);
      if (end != null || state() == LinkState.DETACHED) {
        return;
      }
    }
  }

  private void process(Frame frame, long now) throws ProtocolException {
    if (frame instanceof Frame.Ignored) {
      return;
    }
    if (!link.attached()) {
      link.handshake(frame, now);
      return;
    }
    switch (frame.type()) {
      case DATA -> streams.onData((Frame.Data) frame);
      case CREDIT -> streams.onCredit((Frame.Credit) frame);
      case OPEN -> streams.onOpen((Frame.Open) frame);
      case RESET -> streams.onReset((Frame.Reset) frame);
      case STOP -> streams.onStop((Frame.Stop) frame);
      case STREAMS -> streams.onStreams((Frame.Streams) frame);
      case GOAWAY -> onGoAway((Frame.GoAway) frame);
      case ACK -> {}
      case PING -> {
        Frame.Ping ping = (Frame.Ping) frame;
        pulse.pinged(ping);
        events.pinged(ping.data());
      }
      case PONG -> onPong((Frame.Pong) frame, now);
      case CLOSE -> link.onClose((Frame.Close) frame);
      case REJECT -> link.onReject((Frame.Reject) frame);
      case HELLO, WELCOME, CONFIRM, RESUME, RESUMED ->
          throw new ProtocolException(frame.type() + " after the handshake");
    }
  }

  private void onGoAway(Frame.GoAway frame) {
    boolean first = !peerGoingAway;
    peerGoingAway = true;
    if (frame.lastStreamId() != Wire.UNDECIDED) {
      streams.onPeerTakesUpTo(frame.lastStreamId());
    }
    if (first) {
      events.peerGoingAway();
      events.mayOpen();
    }
  }

  private void onPong(Frame.Pong frame, long now) {
    long nanos = pulse.ponged(frame, now);
    if (nanos > 0) {
      streams.probeAnswered();
      events.ponged(frame.data(), nanos);
    }
  }

  // Sending.

  private ByteBuffer pingAndPong(long now) {
    Frame.Pong pong = pulse.takePong();
    Frame.Ping ping = pulse.takePing(streams.wantsProbe(), now);
    if (ping != null) {
      streams.probeSent(now);
    }
    return outbox.control(pong, ping);
  }

  private boolean dataDue() {
    return (drain.hasWork() || streams.hasWork()) && outbox.room() > 0;
  }

  private ByteBuffer data() {
    FrameWriter writer = outbox.startSeq();
    drain.fill(writer, replay.nextNumber());
    streams.fill(writer, replay.nextNumber());
    return outbox.finishSeq();
  }

  /** What the life of the link means for the streams. */
  private final class Consequences implements LinkControl.Host {
    @Override
    public void established(int peerWindow, int peerStreams) {
      streams.peerParameters(peerWindow, peerStreams);
      events.established();
    }

    @Override
    public void fenced() {
      streams.probeLost();
    }

    @Override
    public void acknowledged(long number) {
      drain.acknowledged(number);
    }

    @Override
    public void resumed() {
      events.mayOpen();
    }

    @Override
    public void end(EngineEnd how) {
      end = how;
      link.ended(how);
      streams.failAll(how.orderly() ? ErrorCode.GOING_AWAY : how.code());
      replay.clear();
      events.ended(how);
    }
  }

  private static long earlier(long a, long b) {
    if (a == Long.MAX_VALUE || b == Long.MAX_VALUE) {
      return Math.min(a, b);
    }
    return a - b < 0 ? a : b;
  }
}
