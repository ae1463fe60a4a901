package io.culvert.frame;

/**
 * Why a stream or a connection ended; the number is what RESET, STOP, GOAWAY, REJECT and CLOSE
 * carry.
 */
public enum ErrorCode {
  /** Nothing is wrong: an orderly end. */
  NO_ERROR(0),
  /** The peer broke a rule of the protocol. */
  PROTOCOL_ERROR(1),
  /** The sender of the code failed by its own fault. */
  INTERNAL_ERROR(2),
  /** More bytes came than were granted. */
  FLOW_CONTROL_ERROR(3),
  /** The stream was not processed at all: safe to repeat. */
  REFUSED(4),
  /** The owner of the stream no longer wants it. */
  CANCELLED(5),
  /** The connection accepts no new streams and will end soon. */
  GOING_AWAY(6),
  /** Nothing arrived for too long: the socket is dead. */
  HEARTBEAT_TIMEOUT(7),
  /** The handshake took too long. */
  HANDSHAKE_TIMEOUT(8),
  /** The peer speaks no common version of the protocol. */
  UNSUPPORTED_VERSION(9),
  /** The metadata of the dialer is larger than the acceptor takes. */
  METADATA_TOO_LARGE(10),
  /** No such connection can be resumed, or the proof is wrong: the answer is the same for both. */
  UNKNOWN_CONNECTION(11),
  /** A bound of the receiver was passed, such as the size of a packet or the number of streams. */
  LIMIT_EXCEEDED(12),
  /** The WebSocket broke, and the connection was not resumed. */
  CONNECTION_LOST(13),
  /** The application aborted the connection. */
  ABORTED(14),
  /** The acceptor knows the dialer but does not allow this. */
  FORBIDDEN(15),
  /** The service that the peer forwards to refuses connections. */
  UPSTREAM_REFUSED(16),
  /** The service that the peer forwards to cannot be reached: no such host, no route. */
  UPSTREAM_UNREACHABLE(17),
  /** Connecting the service that the peer forwards to took too long. */
  UPSTREAM_TIMEOUT(18),
  /** The service that the peer forwards to did not prove its identity. */
  UPSTREAM_UNTRUSTED(19),
  /** The service that the peer forwards to has cut the connection short. */
  UPSTREAM_RESET(20),
  /** Another connection has taken the place of this one. */
  REPLACED(21),
  /** A code that this version does not know; never sent. */
  UNKNOWN(-1);

  private static final ErrorCode[] BY_NUMBER = new ErrorCode[22];

  static {
    for (ErrorCode code : values()) {
      if (code.number >= 0) {
        BY_NUMBER[code.number] = code;
      }
    }
  }

  private final int number;

  ErrorCode(int number) {
    this.number = number;
  }

  /** The number on the wire, an unsigned 32-bit value. */
  public int number() {
    return number;
  }

  /**
   * Whether a peer that resets a stream with this code promises that it has processed nothing of
   * it.
   */
  public boolean promisesNotProcessed() {
    return switch (this) {
      case REFUSED,
          FORBIDDEN,
          UPSTREAM_REFUSED,
          UPSTREAM_UNREACHABLE,
          UPSTREAM_TIMEOUT,
          UPSTREAM_UNTRUSTED ->
          true;
      default -> false;
    };
  }

  /** The code with that number; {@link #UNKNOWN} for one that a later version may define. */
  public static ErrorCode of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
  }
}
