package io.culvert.relay.http;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;

/** What a failure means to an HTTP client. */
public final class Problems {
  private Problems() {}

  /**
   * The problem that a failed stream or connection of an agent is.
   *
   * @param responseBegun whether a byte of the response to this very request has arrived. The
   *     exception cannot tell: it speaks of the stream, which may have carried other exchanges
   *     before
   */
  public static Problem of(TunnelException failure, boolean responseBegun) {
    return codeOf(failure.code())
        .problem(delivered(failure.delivered(), responseBegun), failure.reason());
  }

  private static Delivered delivered(Delivered ofStream, boolean responseBegun) {
    if (responseBegun) {
      return Delivered.YES;
    }
    // "Yes" without a byte of this response comes from an earlier exchange on the stream.
    return ofStream == Delivered.YES ? Delivered.UNKNOWN : ofStream;
  }

  /** The code that a stream's or a connection's end is reported with. */
  public static ProblemCode codeOf(ErrorCode code) {
    return switch (code) {
      case UPSTREAM_REFUSED -> ProblemCode.UPSTREAM_REFUSED;
      case UPSTREAM_UNREACHABLE -> ProblemCode.UPSTREAM_UNREACHABLE;
      case UPSTREAM_TIMEOUT -> ProblemCode.UPSTREAM_TIMEOUT;
      case UPSTREAM_UNTRUSTED -> ProblemCode.UPSTREAM_UNTRUSTED;
      case UPSTREAM_RESET -> ProblemCode.UPSTREAM_RESET;
      case REFUSED -> ProblemCode.AGENT_REFUSED;
      case FORBIDDEN -> ProblemCode.AGENT_FORBIDDEN;
      case CANCELLED -> ProblemCode.AGENT_CANCELLED;
      case LIMIT_EXCEEDED -> ProblemCode.STREAM_LIMIT;
      case REPLACED -> ProblemCode.AGENT_REPLACED;
      case NO_ERROR, GOING_AWAY, ABORTED -> ProblemCode.CONNECTION_ENDED;
      case CONNECTION_LOST, HEARTBEAT_TIMEOUT, HANDSHAKE_TIMEOUT, UNKNOWN_CONNECTION ->
          ProblemCode.CONNECTION_LOST;
      case PROTOCOL_ERROR,
          INTERNAL_ERROR,
          FLOW_CONTROL_ERROR,
          UNSUPPORTED_VERSION,
          METADATA_TOO_LARGE,
          UNKNOWN ->
          ProblemCode.TUNNEL_FAILED;
    };
  }
}
