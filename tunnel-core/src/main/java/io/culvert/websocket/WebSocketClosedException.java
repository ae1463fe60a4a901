package io.culvert.websocket;

import java.io.IOException;

/** The WebSocket has ended, or ended meanwhile; see {@link BlockingWebSocket}. */
public final class WebSocketClosedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final String reason;

  WebSocketClosedException(int code, String reason) {
    super("the WebSocket is closed, code " + code + (reason.isEmpty() ? "" : ": " + reason));
    this.code = code;
    this.reason = reason;
  }

  /**
   * The peer's close code, or this side's if it closed first; 1005 if the close frame had none;
   * 1006 if the socket ended without a close frame or was aborted (RFC 6455 section 7.4).
   */
  public int code() {
    return code;
  }

  /** What came with the code, or a description of what broke; may be empty. */
  public String reason() {
    return reason;
  }
}
