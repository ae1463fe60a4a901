package io.culvert.swaggersocket;

import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;

/** What it means for a connection that its WebSocket has ended and nobody here wanted it to. */
final class SocketEnds {
  private SocketEnds() {}

  /**
   * The connection's end.
   *
   * @param code of the WebSocket's end; peers of this protocol send a close frame without one
   * @param idle whether no exchange was under way, nor the handshake
   */
  static EngineEnd of(int code, String reason, boolean idle) {
    String text = "the WebSocket ended with code " + code + (reason.isEmpty() ? "" : ": " + reason);
    ErrorCode meaning =
        switch (code) {
          case 1000, 1005 -> idle ? ErrorCode.NO_ERROR : ErrorCode.CONNECTION_LOST;
          case 1001 -> idle ? ErrorCode.GOING_AWAY : ErrorCode.CONNECTION_LOST;
          case 1009 -> ErrorCode.LIMIT_EXCEEDED;
          default -> ErrorCode.CONNECTION_LOST;
        };
    return new EngineEnd(meaning, text, true, true);
  }
}
