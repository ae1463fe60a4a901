package io.culvert.link;

/**
 * Which WebSocket carries the link, and how long it may be without one. Sockets are numbered; only
 * the newest counts, so that callbacks of an older one change nothing (the fence).
 *
 * <p>Times are nanoseconds of which only differences count.
 */
public final class Attachment {

  /** What the time that has passed means. */
  public enum Verdict {
    /** Nothing. */
    FINE,
    /** The first handshake has taken too long, and the link ends with its socket. */
    HANDSHAKE_OVERDUE,
    /** The handshake has taken too long: its socket is of no use, but the link is kept. */
    SOCKET_OVERDUE,
    /** The link was without a socket for too long. */
    EXPIRED
  }

  private final long handshakeNanos;
  private final long firstDeadline;
  private LinkState state;
  private int socket = 1;

  /** How long the link is kept without a socket; 0: it ends with its socket. */
  private long resumeNanos;

  /** Both sides know the secret: the connection exists. */
  private boolean confirmed;

  /** While it resumes: when the new socket has taken too long. */
  private long resumeDeadline;

  /** While it is detached or resumes: since when it has been without a socket, and why. */
  private long lostAt;

  private String reason = "";

  /**
   * A link whose first socket, number 1, has just opened.
   *
   * @param handshakeNanos how long a handshake may take
   * @param resumeNanos how long the link is kept without a socket; 0: not at all
   */
  public Attachment(LinkState first, long handshakeNanos, long resumeNanos, long now) {
    this.state = first;
    this.handshakeNanos = handshakeNanos;
    this.firstDeadline = now + handshakeNanos;
    this.resumeNanos = resumeNanos;
  }

  /** Where the link is in its life. */
  public LinkState state() {
    return state;
  }

  /** The number of the newest socket. */
  public int socket() {
    return socket;
  }

  /** Whether this socket's callbacks count. */
  public boolean carriedBy(int number) {
    return number == socket && state != LinkState.DETACHED && state != LinkState.CLOSED;
  }

  /** Whether the handshake was completed once. */
  public boolean confirmed() {
    return confirmed;
  }

  /** Bounds how long the link is kept: the dialer learns the acceptor's bound in WELCOME. */
  public void keepAtMost(long nanos) {
    resumeNanos = Math.min(resumeNanos, nanos);
  }

  /** How long the link is kept without a socket. */
  public long resumeNanos() {
    return resumeNanos;
  }

  /**
   * Whether the link outlives its socket. An acceptor's does so from WELCOME on: the dialer is
   * attached when it has it, and its CONFIRM may be lost with the socket, or with several.
   */
  public boolean outlivesSocket() {
    return resumeNanos > 0 && state != LinkState.GREETING && state != LinkState.LISTENING;
  }

  /** A HELLO was taken. */
  public void greeted() {
    state = state.after(LinkState.Event.HELLO_RECEIVED);
  }

  /**
   * The handshake, the first or that of a resume, is complete.
   *
   * @return how long the link was without a socket; 0 at the first handshake
   */
  public long attached(long now) {
    boolean resumed = state == LinkState.RESUMING;
    state = state.after(LinkState.Event.CONFIRMED);
    confirmed = true;
    return resumed ? Math.max(0, now - lostAt) : 0;
  }

  /** The newest socket is gone. */
  public void lost(String why, long now) {
    boolean wasUp = state != LinkState.RESUMING;
    state = state.after(LinkState.Event.SOCKET_LOST);
    if (wasUp) {
      lostAt = now;
    }
    reason = why;
  }

  /** A new socket is there, whether the one before is gone or not. Returns its number. */
  public int found(long now) {
    boolean wasUp = state != LinkState.DETACHED && state != LinkState.RESUMING;
    state = state.after(LinkState.Event.SOCKET_FOUND);
    if (wasUp) {
      lostAt = now;
      reason = "it was moved to a new WebSocket";
    }
    resumeDeadline = now + handshakeNanos;
    return ++socket;
  }

  /** It is over. */
  public void ended() {
    state = state.after(LinkState.Event.ENDED);
  }

  /** Why the link lost its last socket. */
  public String reason() {
    return reason;
  }

  /** What the time that has passed means. */
  public Verdict check(long now) {
    if (state.handshaking()) {
      Verdict overdue = outlivesSocket() ? Verdict.SOCKET_OVERDUE : Verdict.HANDSHAKE_OVERDUE;
      return now - firstDeadline >= 0 ? overdue : Verdict.FINE;
    }
    if (state != LinkState.DETACHED && state != LinkState.RESUMING) {
      return Verdict.FINE;
    }
    if (now - expiry() >= 0) {
      return Verdict.EXPIRED;
    }
    boolean overdue = state == LinkState.RESUMING && now - resumeDeadline >= 0;
    return overdue ? Verdict.SOCKET_OVERDUE : Verdict.FINE;
  }

  /** When {@link #check} may next say anything else; {@code Long.MAX_VALUE}: never. */
  public long deadline() {
    return switch (state) {
      case GREETING, LISTENING, WELCOMING -> firstDeadline;
      case DETACHED -> expiry();
      case RESUMING -> expiry() - resumeDeadline < 0 ? expiry() : resumeDeadline;
      case ATTACHED, CLOSED -> Long.MAX_VALUE;
    };
  }

  /**
   * A link that was never confirmed is kept for one handshake more: its dialer may have been
   * attached since WELCOME, and hears of the loss no later than this side gives up the socket.
   * Resumes do not prolong it.
   */
  private long expiry() {
    return confirmed ? lostAt + resumeNanos : lostAt + handshakeNanos;
  }
}
