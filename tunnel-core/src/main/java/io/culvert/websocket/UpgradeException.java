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

  /**
   * For an answer with another status than 101.
   *
   * @param target host and port that were dialed
   */
  public static UpgradeException refused(String target, int status) {
    return new UpgradeException(
        status,
        "expected 101 Switching Protocols, but " + target + " answered " + status + hint(status));
  }

  private static String hint(int status) {
    if (status / 100 == 3) {
      return "; redirects are not followed, dial the final URL";
    }
    return switch (status) {
      case 401, 403 -> "; check the credentials in the request's headers";
      case 404 -> "; check the URL's path";
      case 200, 204, 405, 501 -> "; what answers at this URL takes no WebSocket there";
      default -> "";
    };
  }

  /** The HTTP status of the answer: 101 for a wrong upgrade, 0 if it was no HTTP answer. */
  public int status() {
    return status;
  }
}
