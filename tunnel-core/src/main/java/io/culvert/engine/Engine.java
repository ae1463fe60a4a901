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
import io.culvert.link.Attachment;
import io.culvert.link.Handshake;
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
  private final boolean dialer;
  private final EngineConfig config;
  private final EngineEvents events;
  private final Handshake handshake;
  private final Streams streams;
  private final Drain drain;
  private final Acknowledger acknowledger = new Acknowledger();
  private final ReplayBuffer replay;
  private final Outbox outbox;
  private final Pulse pulse;
  private final Attachment attachment;

  private EngineEnd end;
  private boolean peerGoingAway;

  /** A frame of a handshake, REJECT or CLOSE that is due; null if none is. */
  private Frame due;

  /** The highest SEQ packet that was given to a socket and may have arrived. */
  private long handedOut;

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
    this.outbox = new Outbox(config.transit(), replay, acknowledger);
    this.pulse =
        new Pulse(
            new Heartbeat(config.heartbeatIdle(), config.heartbeatTimeout(), now),
            config.pingData());
    this.attachment =
        new Attachment(
            dialer ? LinkState.GREETING : LinkState.LISTENING,
            config.handshakeTimeout(),
            config.resumeTime(),
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
    outbox.packetLog(log);
  }

  // Input.

  /**
   * A binary message has arrived. The engine owns the buffer's array from here on.
   *
   * @param socket the number of its WebSocket
   */
  public void receive(int socket, ByteBuffer message, long now) {
    if (end != null || !attachment.carriedBy(socket)) {
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
    if (end != null || !attachment.carriedBy(socket)) {
      return;
    }
    LinkState state = state();
    if (state == LinkState.RESUMING) {
      // Whoever is at its other end has proved nothing, and must not be able to end the link.
      detach(message, now);
      return;
    }
    boolean answersDialer = state == LinkState.LISTENING || state == LinkState.WELCOMING;
    due = answersDialer ? new Frame.Reject(code, message) : new Frame.Close(code, message);
    finish(new EngineEnd(code, message, false, false));
  }

  /** The WebSocket has ended without a CLOSE. */
  public void socketLost(int socket, String reason, long now) {
    if (end != null || !attachment.carriedBy(socket)) {
      return;
    }
    if (attachment.outlivesSocket()) {
      detach(reason, now);
    } else {
      finish(new EngineEnd(ErrorCode.CONNECTION_LOST, reason, true, true));
    }
  }

  /** The WebSocket has written this many bytes of the packets that {@link #poll} gave. */
  public void written(int socket, int bytes) {
    if (attachment.socket() == socket) {
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
    if (end != null || !dialer || !attachment.outlivesSocket()) {
      return 0;
    }
    int socket = takeSocket(now);
    due = handshake.resumeProofs().ask(acknowledger.received());
    return socket;
  }

  /**
   * Acceptor: a new WebSocket has brought this as its first frame. If it proves the secret the
   * socket before is fenced, and RESUMED is due; if not, nothing has happened.
   *
   * @return the socket's number; 0 if it gets nothing
   */
  public int resume(Frame.Resume frame, long now) {
    if (end != null
        || dialer
        || !attachment.outlivesSocket()
        || !handshake.resumeProofs().admits(frame)) {
      return 0;
    }
    int socket = takeSocket(now);
    try {
      position(frame.received());
      due = handshake.resumeProofs().answer(frame, acknowledger.received());
    } catch (ProtocolException e) {
      due = new Frame.Close(e.code(), e.getMessage());
      finish(new EngineEnd(e.code(), e.getMessage(), false, false));
    }
    return socket;
  }

  private int takeSocket(long now) {
    int socket = attachment.found(now);
    outbox.restart();
    streams.probeLost();
    pulse.restart(now);
    return socket;
  }

  /** The peer, who has proved that it is the peer, has received so much and nothing behind it. */
  private void position(long received) throws ProtocolException {
    if (!replay.reaches(received)) {
      throw new ProtocolException(
          "the peer resumes behind packet "
              + received
              + ", but this side keeps "
              + (replay.acknowledged() + 1)
              + " to "
              + replay.lastSent());
    }
    acknowledged(received);
    handedOut = received;
  }

  private void acknowledged(long number) throws ProtocolException {
    if (replay.acknowledged(number)) {
      drain.acknowledged(number);
    }
  }

  private void detach(String reason, long now) {
    boolean resuming = state() == LinkState.RESUMING;
    due = null;
    attachment.lost(reason, now);
    if (resuming) {
      events.resumeFailed(reason);
    } else {
      events.detached(reason);
    }
  }

  /**
   * Acts on the time that has passed; to be called at {@link #deadline}, and harmless otherwise.
   */
  public void tick(long now) {
    if (end != null) {
      return;
    }
    switch (attachment.check(now)) {
      case HANDSHAKE_OVERDUE ->
          violated(
              attachment.socket(),
              ErrorCode.HANDSHAKE_TIMEOUT,
              "the handshake was not completed in time",
              now);
      case RESUME_OVERDUE -> detach("the handshake of a resume was not completed in time", now);
      case EXPIRED -> expire();
      case FINE -> {
        if (!pulse.tick(attached(), now) && attached()) {
          silent(now);
        }
      }
    }
  }

  private void expire() {
    String seconds = String.valueOf(attachment.resumeNanos() / 1_000_000_000);
    finish(
        new EngineEnd(
            ErrorCode.CONNECTION_LOST,
            "the WebSocket was lost ("
                + attachment.reason()
                + ") and not resumed within "
                + seconds
                + " s",
            false,
            true));
  }

  private void silent(long now) {
    String reason = "nothing has arrived for too long";
    if (attachment.outlivesSocket()) {
      detach(reason, now);
    } else {
      finish(new EngineEnd(ErrorCode.HEARTBEAT_TIMEOUT, reason, false, true));
    }
  }

  /** When {@link #tick} is to be called at the latest; {@code Long.MAX_VALUE}: not by itself. */
  public long deadline() {
    if (end != null) {
      return Long.MAX_VALUE;
    }
    if (!attached()) {
      return attachment.deadline();
    }
    // An ACK that cannot go out now goes out when the socket has written, not at a time.
    long ack = outbox.blocked() ? Long.MAX_VALUE : acknowledger.deadline();
    return earlier(pulse.deadline(), ack);
  }

  // Output.

  /** Whether {@link #poll} may give a packet now; false after it gave none. */
  public boolean hasWork(long now) {
    if (outbox.blocked()) {
      return false;
    }
    if (due != null) {
      return true;
    }
    if (!attached()) {
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
    if (due != null) {
      Frame frame = due;
      due = null;
      return outbox.control(frame);
    }
    if (!attached()) {
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
      handedOut = Math.max(handedOut, replay.nextToSend() - 1);
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
    return attached() && accepting() && streams.mayOpen();
  }

  /**
   * Whether a stream can be opened at all: now, or when the link has a socket again, or when the
   * peer has granted more.
   */
  public boolean accepting() {
    return end == null
        && attachment.confirmed()
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

  /** Ends the connection: streams fail, CLOSE goes out if there is a socket that takes it. */
  public void close(ErrorCode code, String reason) {
    if (end == null) {
      due = attached() ? new Frame.Close(code, reason) : null;
      finish(new EngineEnd(code, reason, false, !attached()));
    }
  }

  /**
   * Ends the connection because something failed or nobody wants it any more. The peer is told if
   * the socket takes it at once: it would wait for a resume.
   */
  public void abort(String reason) {
    if (end == null) {
      due = attached() && !outbox.blocked() ? new Frame.Close(ErrorCode.ABORTED, reason) : null;
      finish(new EngineEnd(ErrorCode.ABORTED, reason, false, due == null));
    }
  }

  /** How the connection ended, or null. */
  public EngineEnd end() {
    return end;
  }

  /** Where the link is in its life. */
  public LinkState state() {
    return attachment.state();
  }

  /** The number of the newest socket, from 1. */
  public int socket() {
    return attachment.socket();
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
    return pulse.roundTripNanos();
  }

  /** Bytes handed to the WebSocket that were not reported as written. */
  public int inTransit() {
    return outbox.inTransit();
  }

  /** Whether a byte of the stream, or its FIN, may have arrived at the peer. */
  public boolean mayHaveArrived(Stream stream) {
    return stream.firstPacket() > 0 && stream.firstPacket() <= handedOut;
  }

  /** Bytes of packets that the peer has not acknowledged. */
  public long replayBytes() {
    return replay.bytes();
  }

  // Receiving.

  private void process(Packet packet, int size, long now) throws ProtocolException {
    if (attached()) {
      acknowledged(packet.ack()); // else whoever sent it has proved nothing yet
    }
    if (packet.kind() == PacketKind.SEQ && !attached()) {
      throw new ProtocolException("a SEQ packet before the handshake is complete");
    }
    if (packet.kind() == PacketKind.SEQ) {
      if (packet.seq() > acknowledger.received() + 1 && attachment.outlivesSocket()) {
        detach(
            "expected packet " + (acknowledger.received() + 1) + " but got " + packet.seq(), now);
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
    if (!attached()) {
      handshake(frame, now);
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
      case CLOSE -> onClose((Frame.Close) frame);
      case REJECT -> onReject((Frame.Reject) frame);
      case HELLO, WELCOME, CONFIRM, RESUME, RESUMED ->
          throw new ProtocolException(frame.type() + " after the handshake");
    }
  }

  private void handshake(Frame frame, long now) throws ProtocolException {
    LinkState state = state();
    if (state == LinkState.LISTENING && frame instanceof Frame.Hello hello) {
      due =
          handshake.welcome(
              hello,
              config.streams().window(),
              config.streams().streams(),
              config.resumeSeconds(),
              config.metadataLimit());
      attachment.greeted();
      events.welcoming(handshake.connectionId());
    } else if (state == LinkState.LISTENING && frame instanceof Frame.Resume) {
      throw new ProtocolException(
          ErrorCode.UNKNOWN_CONNECTION, "there is no such connection to resume");
    } else if (state == LinkState.GREETING && frame instanceof Frame.Welcome welcome) {
      due = handshake.confirm(welcome);
      attachment.keepAtMost(welcome.resumeSeconds() * 1_000_000_000L);
      attach(now);
    } else if (state == LinkState.WELCOMING && frame instanceof Frame.Confirm confirm) {
      handshake.confirmed(confirm);
      attach(now);
    } else if (state == LinkState.RESUMING) {
      resumeHandshake(frame, now);
    } else if (state == LinkState.GREETING && frame instanceof Frame.Reject reject) {
      onReject(reject);
    } else if (frame instanceof Frame.Close close) {
      onClose(close);
    } else {
      throw new ProtocolException(frame.type() + " while the link is " + state);
    }
  }

  private void resumeHandshake(Frame frame, long now) throws ProtocolException {
    if (dialer && frame instanceof Frame.Resumed resumed) {
      require(handshake.resumeProofs().proves(resumed), frame);
      due = handshake.resumeProofs().confirm(resumed);
      onResumed(resumed.received(), now);
    } else if (!dialer && frame instanceof Frame.Confirm confirm) {
      require(handshake.resumeProofs().proves(confirm), frame);
      attach(now);
    } else if (dialer && frame instanceof Frame.Reject reject) {
      onReject(reject);
    } else {
      throw new ProtocolException(frame.type() + " while the link is resumed");
    }
  }

  private static void require(boolean proved, Frame frame) throws ProtocolException {
    if (!proved) {
      throw new ProtocolException(frame.type() + " does not prove the connection's secret");
    }
  }

  private void onResumed(long received, long now) {
    try {
      position(received);
      attach(now);
    } catch (ProtocolException e) {
      // Of the peer itself: it has proved that.
      due = new Frame.Close(e.code(), e.getMessage());
      finish(new EngineEnd(e.code(), e.getMessage(), false, false));
    }
  }

  private boolean attached() {
    return state() == LinkState.ATTACHED;
  }

  private void attach(long now) {
    boolean first = !attachment.confirmed();
    boolean resumed = state() == LinkState.RESUMING;
    long outage = attachment.attached(now);
    if (first) {
      streams.peerParameters(handshake.peerWindow(), handshake.peerStreams());
      events.established();
    }
    if (resumed) {
      replay.rewind();
      events.resumed(outage, replay.packets(), replay.bytes());
      events.mayOpen();
    }
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

  private void finish(EngineEnd how) {
    end = how;
    attachment.ended();
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
