package io.culvert.engine;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.ProtocolException;
import io.culvert.link.Acknowledger;
import io.culvert.link.Attachment;
import io.culvert.link.Handshake;
import io.culvert.link.LinkState;
import io.culvert.link.Outbox;
import io.culvert.link.Pulse;
import io.culvert.link.ReplayBuffer;
import java.util.Map;
import java.util.random.RandomGenerator;

/** The life of the link: the handshake, WebSockets that come and go, and its end by time. */
final class LinkControl {

  /** What the rest of the engine does about it. */
  interface Host {
    /** The handshake was completed for the first time. */
    void established(int peerWindow, int peerStreams);

    /** The socket before is fenced: what was under way on it is lost. */
    void fenced();

    /** The peer has received everything up to this packet. */
    void acknowledged(long number);

    /** New streams can be opened again. */
    void resumed();

    /** The connection is over. */
    void end(EngineEnd how);
  }

  private static final long SECOND = 1_000_000_000;

  private final boolean dialer;
  private final EngineConfig config;
  private final EngineEvents events;
  private final Host host;
  private final Handshake handshake;
  private final Attachment attachment;
  private final Acknowledger acknowledger;
  private final ReplayBuffer replay;
  private final Outbox outbox;
  private final Pulse pulse;

  /** A frame of a handshake, REJECT or CLOSE that is due; null if none is. */
  private Frame due;

  /** The highest SEQ packet that was given to a socket and may have arrived. */
  private long handedOut;

  LinkControl(
      boolean dialer,
      EngineConfig config,
      RandomGenerator random,
      EngineEvents events,
      Transmission transmission,
      Host host,
      long now) {
    this.dialer = dialer;
    this.config = config;
    this.events = events;
    this.host = host;
    this.handshake = new Handshake(random);
    this.acknowledger = transmission.acknowledger();
    this.replay = transmission.replay();
    this.outbox = transmission.outbox();
    this.pulse = transmission.pulse();
    this.attachment =
        new Attachment(
            dialer ? LinkState.GREETING : LinkState.LISTENING,
            config.handshakeTimeout(),
            config.resumeTime(),
            now);
  }

  /** What carries packets, shared with the engine. */
  record Transmission(Acknowledger acknowledger, ReplayBuffer replay, Outbox outbox, Pulse pulse) {}

  /** Dialer: HELLO is due. */
  void greet(Map<String, String> metadata) {
    due = handshake.hello(config.streams().window(), config.streams().streams(), metadata);
  }

  // State.

  LinkState state() {
    return attachment.state();
  }

  boolean attached() {
    return state() == LinkState.ATTACHED;
  }

  /** The number of the newest socket. */
  int socket() {
    return attachment.socket();
  }

  /** Whether this socket's callbacks count. */
  boolean carriedBy(int socket) {
    return attachment.carriedBy(socket);
  }

  boolean confirmed() {
    return attachment.confirmed();
  }

  boolean outlivesSocket() {
    return attachment.outlivesSocket();
  }

  String connectionId() {
    return handshake.connectionId();
  }

  Map<String, String> metadata() {
    return handshake.metadata();
  }

  /** Whether a packet may have arrived at the peer. */
  boolean mayHaveArrived(long packet) {
    return packet > 0 && packet <= handedOut;
  }

  /** A SEQ packet was handed to the newest socket. */
  void handedOut(long packet) {
    handedOut = Math.max(handedOut, packet);
  }

  boolean hasFrameDue() {
    return due != null;
  }

  /** The frame that is due, which is settled with this; null if none is. */
  Frame takeFrame() {
    Frame frame = due;
    due = null;
    return frame;
  }

  // Sockets that come and go.

  /** The newest socket is of no use any more. */
  void socketLost(String reason, boolean byPeer, ErrorCode code, long now) {
    if (outlivesSocket()) {
      detach(reason, now);
    } else {
      host.end(new EngineEnd(code, reason, byPeer, true));
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

  /** What came is not allowed. */
  void violated(ErrorCode code, String message, long now) {
    LinkState state = state();
    if (state == LinkState.RESUMING) {
      // Whoever is at its other end has proved nothing, and must not be able to end the link.
      detach(message, now);
      return;
    }
    boolean answersDialer = state == LinkState.LISTENING || state == LinkState.WELCOMING;
    end(code, message, answersDialer ? new Frame.Reject(code, message) : null);
  }

  /** Ends the connection, which the peer is told by this frame; null: by CLOSE. */
  private void end(ErrorCode code, String message, Frame told) {
    due = told == null ? new Frame.Close(code, message) : told;
    host.end(new EngineEnd(code, message, false, false));
  }

  /** Ends the connection because the application says so. */
  void end(ErrorCode code, String reason, boolean mayTell) {
    boolean tells = attached() && mayTell;
    due = tells ? new Frame.Close(code, reason) : null;
    host.end(new EngineEnd(code, reason, false, !tells));
  }

  /** The connection is over. */
  void ended(EngineEnd how) {
    attachment.ended();
    if (how.abortSocket() || how.byPeer()) {
      due = null;
    }
  }

  /** Dialer: see {@link Engine#resume(long)}. */
  int resume(long now) {
    if (!dialer || !outlivesSocket()) {
      return 0;
    }
    int socket = takeSocket(now);
    due = handshake.resumeProofs().ask(acknowledger.received());
    return socket;
  }

  /** Acceptor: see {@link Engine#resume(Frame.Resume, long)}. */
  int resume(Frame.Resume frame, long now) {
    if (dialer || !outlivesSocket() || !handshake.resumeProofs().admits(frame)) {
      return 0;
    }
    int socket = takeSocket(now);
    if (takePosition(frame.received())) {
      due = handshake.resumeProofs().answer(frame, acknowledger.received());
    }
    return socket;
  }

  private int takeSocket(long now) {
    int socket = attachment.found(now);
    outbox.restart();
    pulse.restart(now);
    host.fenced();
    return socket;
  }

  /**
   * The peer, who has proved that it is the peer, has received so much and nothing behind it.
   *
   * @return false if that cannot be, which has ended the connection
   */
  private boolean takePosition(long received) {
    if (!replay.reaches(received)) {
      end(
          ErrorCode.PROTOCOL_ERROR,
          "the peer resumes behind packet "
              + received
              + ", but this side keeps "
              + (replay.acknowledged() + 1)
              + " to "
              + replay.lastSent(),
          null);
      return false;
    }
    try {
      acknowledged(received);
    } catch (ProtocolException e) {
      throw new IllegalStateException("within reach, and yet never sent", e);
    }
    handedOut = received;
    return true;
  }

  void acknowledged(long number) throws ProtocolException {
    if (replay.acknowledged(number)) {
      host.acknowledged(number);
    }
  }

  // Handshakes.

  /** A frame has come while no handshake is complete on the newest socket. */
  void handshake(Frame frame, long now) throws ProtocolException {
    LinkState state = state();
    if (state == LinkState.LISTENING && frame instanceof Frame.Hello hello) {
      welcome(hello);
    } else if (state == LinkState.LISTENING && frame instanceof Frame.Resume) {
      throw new ProtocolException(
          ErrorCode.UNKNOWN_CONNECTION, "there is no such connection to resume");
    } else if (state == LinkState.GREETING && frame instanceof Frame.Welcome welcome) {
      due = handshake.confirm(welcome);
      attachment.keepAtMost(welcome.resumeSeconds() * SECOND);
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

  private void welcome(Frame.Hello hello) throws ProtocolException {
    due =
        handshake.welcome(
            hello,
            config.streams().window(),
            config.streams().streams(),
            config.resumeSeconds(),
            config.metadataLimit());
    attachment.greeted();
    events.welcoming(handshake.connectionId());
  }

  private void resumeHandshake(Frame frame, long now) throws ProtocolException {
    if (dialer && frame instanceof Frame.Resumed resumed) {
      require(handshake.resumeProofs().proves(resumed), frame);
      due = handshake.resumeProofs().confirm(resumed);
      if (takePosition(resumed.received())) {
        attach(now);
      }
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

  private void attach(long now) {
    boolean first = !confirmed();
    boolean resumed = state() == LinkState.RESUMING;
    long outage = attachment.attached(now);
    if (first) {
      host.established(handshake.peerWindow(), handshake.peerStreams());
    }
    if (resumed) {
      long bytes = replay.rewind();
      events.resumed(outage, replay.packets(), bytes);
      host.resumed();
    }
  }

  /** The dialer may be attached already: the acceptor is so only when it has taken CONFIRM. */
  void onReject(Frame.Reject frame) throws ProtocolException {
    if (!dialer) {
      throw new ProtocolException("REJECT from the dialer");
    }
    host.end(new EngineEnd(frame.code(), frame.reason(), true, false));
  }

  void onClose(Frame.Close frame) {
    host.end(new EngineEnd(frame.code(), frame.reason(), true, false));
  }

  // Time.

  /** Acts on the time that has passed. */
  void tick(long now) {
    switch (attachment.check(now)) {
      case HANDSHAKE_OVERDUE ->
          violated(ErrorCode.HANDSHAKE_TIMEOUT, "the handshake was not completed in time", now);
      case SOCKET_OVERDUE -> detach("the handshake was not completed in time", now);
      case EXPIRED -> expire();
      case FINE -> {
        if (!pulse.tick(attached(), now) && attached()) {
          socketLost("nothing has arrived for too long", false, ErrorCode.HEARTBEAT_TIMEOUT, now);
        }
      }
    }
  }

  private void expire() {
    String kept =
        confirmed()
            ? "not resumed within " + attachment.resumeNanos() / SECOND + " s"
            : "its dialer, which never confirmed it, did not resume it";
    String reason = "the WebSocket was lost (" + attachment.reason() + ") and " + kept;
    host.end(new EngineEnd(ErrorCode.CONNECTION_LOST, reason, false, true));
  }

  /** When {@link #tick} is to be called at the latest; {@code Long.MAX_VALUE}: not by itself. */
  long deadline() {
    return attached() ? pulse.deadline() : attachment.deadline();
  }
}
