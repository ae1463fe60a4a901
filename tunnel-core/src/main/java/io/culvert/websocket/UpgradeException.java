package io.culvert.websocket;

import java.io.IOException;

/** The peer refused the WebSocket upgrade, or answered it wrongly. */
public final class UpgradeException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param status the HTTP status of the answer, or 0 if it was no HTTP answer
   * @param message what was expected, what came, and what to do
   */
  public UpgradeException(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The HTTP status of the answer: 101 for a wrong upgrade, 0 if it was no HTTP answer. */
  public int status() {
    return status;
  }
}
