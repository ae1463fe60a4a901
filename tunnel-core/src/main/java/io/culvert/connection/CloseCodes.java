package io.culvert.connection;

import io.culvert.engine.EngineEnd;
import java.nio.charset.StandardCharsets;

/** How a connection's end looks in the WebSocket's close frame (RFC 6455 section 7.4). */
public final class CloseCodes {
  private static final int MAX_REASON = 123;

  private CloseCodes() {}

  /** The status code. */
  public static int of(EngineEnd end) {
    return switch (end.code()) {
      case NO_ERROR -> 1000;
      case GOING_AWAY -> 1001;
      case PROTOCOL_ERROR, FLOW_CONTROL_ERROR -> 1002;
      case LIMIT_EXCEEDED -> 1009;
      case INTERNAL_ERROR -> 1011;
      case REFUSED,
          CANCELLED,
          HEARTBEAT_TIMEOUT,
          HANDSHAKE_TIMEOUT,
          UNSUPPORTED_VERSION,
          METADATA_TOO_LARGE,
          UNKNOWN_CONNECTION,
          CONNECTION_LOST,
          ABORTED,
          FORBIDDEN,
          UPSTREAM_REFUSED,
          UPSTREAM_UNREACHABLE,
          UPSTREAM_TIMEOUT,
          UPSTREAM_UNTRUSTED,
          UPSTREAM_RESET,
          REPLACED,
          UNKNOWN ->
          1008;
    };
  }

  /** A reason that fits into a close frame. */
  public static String reason(String reason) {
    String text = reason;
    while (text.getBytes(StandardCharsets.UTF_8).length > MAX_REASON) {
      text = text.substring(0, text.length() - Math.max(1, (text.length() - MAX_REASON) / 2));
    }
    return text;
  }
}
