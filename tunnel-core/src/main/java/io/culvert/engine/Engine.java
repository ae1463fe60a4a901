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
import io.culvert.link.Handshake;
import io.culvert.link.Heartbeat;
import io.culvert.link.LinkState;
import io.culvert.link.ReplayBuffer;
import io.culvert.link.RoundTrip;
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
 */
public final class Engine {
  /** CTRL packets may go beyond the transit bound by this much, so that data never blocks them. */
  private static final int CONTROL_RESERVE = 16 * 1024;

  /** More than a CTRL packet has after the handshake: the longest is a CLOSE with its reason. */
  private static final int MAX_CONTROL = 2 * 1024;

  /**
   * Less room than this is not worth a SEQ packet while others are in transit. The largest OPEN
   * fits into it, so that no frame has to wait for more room than {@link #hasWork} asks for.
   */
  private static final int MIN_PACKET_ROOM = 8 * 1024;

  private final boolean dialer;
  private final EngineConfig config;
  private final EngineEvents events;
  private final Handshake handshake;
  private final Streams streams;
  private final Drain drain;
  private final Acknowledger acknowledger = new Acknowledger();
  private final ReplayBuffer replay;
  private final Heartbeat heartbeat;
  private final RoundTrip roundTrip = new RoundTrip();
  private final FrameWriter writer = new FrameWriter();
  private final long handshakeDeadline;

  private LinkState state;
  private EngineEnd end;
  private boolean peerGoingAway;
  private int inTransit;

  /** HELLO, WELCOME, CONFIRM, REJECT or CLOSE that is due; null if none is. */
  private Frame due;

  /** The latest PING that was not answered; a newer one replaces it, so pings cannot pile up. */
  private Frame.Ping unanswered;

  private boolean pingDue;
  private Consumer<String> packetLog;

  private Engine(
      boolean dialer, EngineConfig config, RandomGenerator random, EngineEvents events, long now) {
    this.dialer = dialer;
    this.config = config;
    this.events = events;
    this.handshake = new Handshake(random);
    this.streams = new Streams(dialer, config.streams(), events);
    this.drain = new Drain(streams::acceptNoMore);
    this.replay = new ReplayBuffer(config.replayBuffer());
    this.heartbeat = new Heartbeat(config.heartbeatIdle(), config.heartbeatTimeout(), now);
    this.handshakeDeadline = now + config.handshakeTimeout();
    this.state = dialer ? LinkState.GREETING : LinkState.LISTENING;
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
    engine.due =
        engine.handshake.hello(config.streams().window(), config.streams().streams(), metadata);
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
  }

  // Input.

  /** A binary message has arrived. The engine owns the buffer's array from here on. */
  public void receive(ByteBuffer message, long now) {
    if (end != null) {
      return;
    }
    heartbeat.life(now);
    int size = message.remaining();
    try {
      Packet packet = FrameReader.read(message);
      if (packetLog != null) {
        packetLog.accept(FrameLog.line(false, packet));
      }
      process(packet, size, now);
    } catch (ProtocolException e) {
      violated(e.code(), e.getMessage());
    }
  }

  /** Something has arrived that the protocol does not allow, such as a text message. */
  public void violated(ErrorCode code, String message) {
    if (end != null) {
      return;
    }
    boolean answersDialer = state == LinkState.LISTENING || state == LinkState.WELCOMING;
    due = answersDialer ? new Frame.Reject(code, message) : new Frame.Close(code, message);
    finish(new EngineEnd(code, message, false, false));
  }

  /** The WebSocket has ended without a CLOSE. */
  public void socketLost(String reason) {
    if (end == null) {
      finish(new EngineEnd(ErrorCode.CONNECTION_LOST, reason, true, true));
    }
  }

  /** The WebSocket has written this many bytes of the packets that {@link #poll} gave. */
  public void written(int bytes) {
    inTransit -= bytes;
  }

  /**
   * Acts on the time that has passed; to be called at {@link #deadline}, and harmless otherwise.
   */
  public void tick(long now) {
    if (end != null) {
      return;
    }
    if (state.handshaking() && now - handshakeDeadline >= 0) {
      violated(ErrorCode.HANDSHAKE_TIMEOUT, "the handshake was not completed in time");
      return;
    }
    switch (heartbeat.check(now)) {
      case DEAD ->
          finish(
              new EngineEnd(
                  ErrorCode.HEARTBEAT_TIMEOUT, "nothing has arrived for too long", false, true));
      case PING_DUE -> pingDue = state == LinkState.ATTACHED;
      case ALIVE -> {}
    }
  }

  /** When {@link #tick} is to be called at the latest; {@code Long.MAX_VALUE}: not by itself. */
  public long deadline() {
    if (end != null) {
      return Long.MAX_VALUE;
    }
    // An ACK that cannot go out now goes out when the socket has written, not at a time.
    long ack = blocked() ? Long.MAX_VALUE : acknowledger.deadline();
    long deadline = earlier(heartbeat.deadline(), ack);
    return state.handshaking() ? earlier(handshakeDeadline, deadline) : deadline;
  }

  // Output.

  /** Whether {@link #poll} may give a packet now; false after it gave none. */
  public boolean hasWork(long now) {
    if (blocked()) {
      return false;
    }
    if (due != null) {
      return true;
    }
    if (state != LinkState.ATTACHED || end != null) {
      return false;
    }
    return controlDue()
        || acknowledger.due(now)
        || ((drain.hasWork() || streams.hasWork()) && dataRoom() > 0);
  }

  /**
   * The next packet to send, or null. The engine keeps the buffer for replay: it must not change.
   */
  public ByteBuffer poll(long now) {
    if (blocked()) {
      return null;
    }
    if (due != null) {
      writer.start(Wire.MAX_PACKET);
      writer.write(due);
      due = null;
      return control();
    }
    if (state != LinkState.ATTACHED || end != null) {
      return null;
    }
    if (controlDue()) {
      return pingAndPong(now);
    }
    ByteBuffer data = data();
    if (data != null) {
      return data;
    }
    if (acknowledger.due(now)) {
      writer.start(Wire.MAX_PACKET);
      writer.write(new Frame.Ack());
      return control();
    }
    return null;
  }

  // Calls of the application.

  /** The streams, for opening, reading and writing. */
  public Streams streams() {
    return streams;
  }

  /** Whether a stream can be opened now. */
  public boolean mayOpen() {
    return accepting() && streams.mayOpen();
  }

  /** Whether a stream can be opened at all: now, or when the peer has granted more. */
  public boolean accepting() {
    return state == LinkState.ATTACHED
        && !peerGoingAway
        && !drain.started()
        && !streams.exhausted();
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

  /** Ends the connection: streams fail, CLOSE goes out. */
  public void close(ErrorCode code, String reason) {
    if (end == null) {
      due = state.handshaking() ? null : new Frame.Close(code, reason);
      finish(new EngineEnd(code, reason, false, state.handshaking()));
    }
  }

  /** Ends the connection at once; nothing more goes out. */
  public void abort(String reason) {
    if (end == null) {
      finish(new EngineEnd(ErrorCode.ABORTED, reason, false, true));
    }
  }

  /** How the connection ended, or null. */
  public EngineEnd end() {
    return end;
  }

  /** Where the link is in its life. */
  public LinkState state() {
    return state;
  }

  /** The connection id. Known once established. */
  public String connectionId() {
    return handshake.connectionId();
  }

  /** What the dialer said about itself. */
  public Map<String, String> metadata() {
    return handshake.metadata();
  }

  /** The latest round trip in nanoseconds; 0 if none was measured. */
  public long roundTripNanos() {
    return roundTrip.latestNanos();
  }

  /** Bytes handed to the WebSocket that were not reported as written. */
  public int inTransit() {
    return inTransit;
  }

  /** Bytes of packets that the peer has not acknowledged. */
  public long replayBytes() {
    return replay.bytes();
  }

  // Receiving.

  private void process(Packet packet, int size, long now) throws ProtocolException {
    if (packet.kind() == PacketKind.SEQ && state != LinkState.ATTACHED) {
      throw new ProtocolException("a SEQ packet before the handshake is complete");
    }
    if (replay.acknowledged(packet.ack())) {
      drain.acknowledged(packet.ack());
    }
    if (packet.kind() == PacketKind.SEQ && !acknowledger.accept(packet.seq(), size, now)) {
      return;
    }
    for (Frame frame : packet.frames()) {
      process(frame, now);
      if (end != null) {
        return;
      }
    }
  }

  private void process(Frame frame, long now) throws ProtocolException {
    if (frame instanceof Frame.Ignored) {
      return;
    }
    if (state.handshaking()) {
      handshake(frame);
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
        unanswered = (Frame.Ping) frame;
        events.pinged(unanswered.data());
      }
      case PONG -> onPong((Frame.Pong) frame, now);
      case CLOSE -> onClose((Frame.Close) frame);
      case REJECT -> onReject((Frame.Reject) frame);
      case HELLO, WELCOME, CONFIRM, RESUME, RESUMED ->
          throw new ProtocolException(frame.type() + " after the handshake");
    }
  }

  private void handshake(Frame frame) throws ProtocolException {
    if (state == LinkState.LISTENING && frame instanceof Frame.Hello hello) {
      due =
          handshake.welcome(
              hello, config.streams().window(), config.streams().streams(), config.metadataLimit());
      state = state.after(LinkState.Event.HELLO_RECEIVED);
    } else if (state == LinkState.LISTENING && frame instanceof Frame.Resume) {
      throw new ProtocolException(
          ErrorCode.UNKNOWN_CONNECTION, "there is no such connection to resume");
    } else if (state == LinkState.GREETING && frame instanceof Frame.Welcome welcome) {
      due = handshake.confirm(welcome);
      attach();
    } else if (state == LinkState.GREETING && frame instanceof Frame.Reject reject) {
      onReject(reject);
    } else if (frame instanceof Frame.Close close) {
      onClose(close);
    } else if (state == LinkState.WELCOMING && frame instanceof Frame.Confirm confirm) {
      handshake.confirmed(confirm);
      attach();
    } else {
      throw new ProtocolException(frame.type() + " while the link is " + state);
    }
  }

  private void attach() {
    state = state.after(LinkState.Event.CONFIRMED);
    streams.peerParameters(handshake.peerWindow(), handshake.peerStreams());
    events.established();
  }

  /** The dialer may be attached already: the acceptor is so only when it has taken CONFIRM. */
  private void onReject(Frame.Reject frame) throws ProtocolException {
    if (!dialer) {
      throw new ProtocolException("REJECT from the dialer");
    }
    finish(new EngineEnd(frame.code(), frame.reason(), true, false));
  }

  private void onClose(Frame.Close frame) {
    finish(new EngineEnd(frame.code(), frame.reason(), true, false));
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
    long nanos = roundTrip.answered(frame.token(), now);
    if (nanos > 0) {
      streams.probeAnswered();
      events.ponged(frame.data(), nanos);
    }
  }

  // Sending.

  /** Whether the WebSocket holds so much that not even control may be handed to it. */
  private boolean blocked() {
    return inTransit > config.transit() + CONTROL_RESERVE - MAX_CONTROL;
  }

  private boolean controlDue() {
    return unanswered != null || ((pingDue || streams.wantsProbe()) && !roundTrip.outstanding());
  }

  private ByteBuffer pingAndPong(long now) {
    writer.start(Wire.MAX_PACKET);
    if (unanswered != null) {
      writer.write(new Frame.Pong(unanswered.token(), unanswered.data()));
      unanswered = null;
    }
    if ((pingDue || streams.wantsProbe()) && !roundTrip.outstanding()) {
      pingDue = false;
      writer.write(new Frame.Ping(roundTrip.sent(now), config.pingData()));
      streams.probeSent(now);
    }
    return control();
  }

  private ByteBuffer data() {
    int room = dataRoom();
    if (room <= 0 || !(drain.hasWork() || streams.hasWork())) {
      return null;
    }
    writer.start(room);
    drain.fill(writer, replay.nextNumber());
    streams.fill(writer);
    if (writer.isEmpty()) {
      return null;
    }
    ByteBuffer packet = handOut(PacketKind.SEQ, replay.nextNumber());
    replay.add(packet.duplicate());
    return packet;
  }

  /** How large a SEQ packet may be now; 0 or less: none may go out. */
  private int dataRoom() {
    if (replay.full()) {
      return 0;
    }
    int room = config.transit() - inTransit;
    return inTransit > 0 && room < MIN_PACKET_ROOM ? 0 : room;
  }

  private ByteBuffer control() {
    return handOut(PacketKind.CTRL, 0);
  }

  private ByteBuffer handOut(PacketKind kind, long seq) {
    ByteBuffer packet = writer.finish(kind, acknowledger.received(), seq);
    acknowledger.carried();
    inTransit += packet.remaining();
    if (packetLog != null) {
      logOutgoing(packet);
    }
    return packet;
  }

  private void logOutgoing(ByteBuffer packet) {
    try {
      packetLog.accept(FrameLog.line(true, FrameReader.read(packet.duplicate())));
    } catch (ProtocolException e) {
      throw new IllegalStateException("this side wrote a packet that it cannot read", e);
    }
  }

  private void finish(EngineEnd how) {
    end = how;
    state = state.after(LinkState.Event.ENDED);
    if (how.abortSocket() || how.byPeer()) {
      due = null;
    }
    streams.failAll(how.orderly() ? ErrorCode.GOING_AWAY : how.code());
    replay.clear();
    events.ended(how);
  }

  private static long earlier(long a, long b) {
    if (a == Long.MAX_VALUE || b == Long.MAX_VALUE) {
      return Math.min(a, b);
    }
    return a - b < 0 ? a : b;
  }
}
