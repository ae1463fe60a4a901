package io.culvert.stream;

/** Which directions of a stream are still open on the wire. {@link #after} is the whole table. */
public enum StreamState {
  /** Both sides may send. */
  OPEN,
  /** This side has sent its FIN. */
  LOCAL_FIN,
  /** The peer's FIN has come. */
  REMOTE_FIN,
  /** Nothing more is sent or taken; frames for the stream are ignored. */
  CLOSED;

  /** What can happen to a stream. */
  public enum Event {
    FIN_SENT,
    FIN_RECEIVED,
    /** RESET by either side, or the connection's end. */
    RESET
  }

  /**
   * The state after an event.
   *
   * @throws IllegalStateException if the event cannot happen in this state: this side's mistake,
   *     because frames that the peer may not send are refused before
   */
  public StreamState after(Event event) {
    StreamState next =
        switch (event) {
          case FIN_SENT ->
              switch (this) {
                case OPEN -> LOCAL_FIN;
                case REMOTE_FIN -> CLOSED;
                case LOCAL_FIN, CLOSED -> null;
              };
          case FIN_RECEIVED ->
              switch (this) {
                case OPEN -> REMOTE_FIN;
                case LOCAL_FIN -> CLOSED;
                case REMOTE_FIN, CLOSED -> null;
              };
          case RESET -> CLOSED;
        };
    if (next == null) {
      throw new IllegalStateException(event + " cannot happen to a stream that is " + this);
    }
    return next;
  }

  /** Whether this side may still send bytes or FIN. */
  public boolean sends() {
    return this == OPEN || this == REMOTE_FIN;
  }

  /** Whether the peer may still send bytes or FIN. */
  public boolean receives() {
    return this == OPEN || this == LOCAL_FIN;
  }
}
