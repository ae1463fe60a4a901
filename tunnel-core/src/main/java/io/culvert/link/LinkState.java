package io.culvert.link;

/** Where a link is in its life. {@link #after} is the whole transition table. */
public enum LinkState {
  /** Dialer: HELLO is due or sent. */
  GREETING,
  /** Acceptor: waits for the first frame. Leaves on HELLO. */
  LISTENING,
  /** Acceptor: WELCOME is due or sent; nobody hears of the connection until CONFIRM. */
  WELCOMING,
  /** The handshake is complete and a WebSocket carries packets. */
  ATTACHED,
  /** No WebSocket carries packets, and the time runs in which the dialer may bring another one. */
  DETACHED,
  /** A new WebSocket is there; RESUME, RESUMED and CONFIRM are under way on it. */
  RESUMING,
  /** Over. No event leaves this state. */
  CLOSED;

  /** What can happen to a link. */
  public enum Event {
    /** Acceptor: a HELLO that is acceptable came. */
    HELLO_RECEIVED,
    /** Dialer: WELCOME came; or acceptor: CONFIRM with the right proof came. */
    CONFIRMED,
    /** The WebSocket ended while the link can still be resumed. */
    SOCKET_LOST,
    /** A new WebSocket carries a RESUME of this link. */
    SOCKET_FOUND,
    /** Closed by either side, broken by a protocol error, rejected, or out of time. */
    ENDED
  }

  /**
   * The state after an event.
   *
   * @throws IllegalStateException if the event cannot happen in this state
   */
  public LinkState after(Event event) {
    LinkState next =
        switch (event) {
          case HELLO_RECEIVED -> this == LISTENING ? WELCOMING : null;
          case CONFIRMED ->
              this == GREETING || this == WELCOMING || this == RESUMING ? ATTACHED : null;
          // Of a dialer that has its WELCOME the CONFIRM may be lost with the socket.
          case SOCKET_LOST -> outlives() ? DETACHED : null;
          // The newest socket wins, also over one that seems alive.
          case SOCKET_FOUND -> this == DETACHED || outlives() ? RESUMING : null;
          case ENDED -> CLOSED;
        };
    if (next == null) {
      throw new IllegalStateException(event + " cannot happen to a link that is " + this);
    }
    return next;
  }

  /** Whether the handshake is still under way. */
  public boolean handshaking() {
    return this == GREETING || this == LISTENING || this == WELCOMING;
  }

  /** Whether both sides may know the secret, and a WebSocket is there that can be lost. */
  private boolean outlives() {
    return this == WELCOMING || this == ATTACHED || this == RESUMING;
  }
}
