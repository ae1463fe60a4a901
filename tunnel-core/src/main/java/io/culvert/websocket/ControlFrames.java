package io.culvert.websocket;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** What control frames may carry (RFC 6455 sections 5.5 and 7.4): checks for adapters. */
public final class ControlFrames {
  /** The most a control frame carries. */
  public static final int MAX_BYTES = 125;

  /** A close frame's code takes two bytes of it. */
  public static final int MAX_REASON_BYTES = MAX_BYTES - 2;

  private ControlFrames() {}

  /**
   * Checks the arguments of {@link WebSocket#close}.
   *
   * @throws IllegalArgumentException if the code or the reason may not be sent
   */
  public static void checkClose(int code, String reason) {
    boolean sendable =
        (code >= 1000 && code <= 1003)
            || (code >= 1007 && code <= 1014)
            || (code >= 3000 && code <= 4999);
    if (!sendable) {
      throw new IllegalArgumentException("close code " + code + " may not be sent");
    }
    int reasonBytes = reason.getBytes(StandardCharsets.UTF_8).length;
    if (reasonBytes > MAX_REASON_BYTES) {
      throw new IllegalArgumentException(
          "a close reason has at most " + MAX_REASON_BYTES + " bytes of UTF-8, not " + reasonBytes);
    }
  }

  /**
   * Checks the argument of {@link WebSocket#ping}.
   *
   * @throws IllegalArgumentException if it is too long
   */
  public static void checkPing(ByteBuffer data) {
    if (data.remaining() > MAX_BYTES) {
      throw new IllegalArgumentException(
          "a ping carries at most " + MAX_BYTES + " bytes, not " + data.remaining());
    }
  }

  /** The beginning of a reason, as much as a close frame takes. */
  public static String shorten(String reason) {
    String text = reason;
    while (text.getBytes(StandardCharsets.UTF_8).length > MAX_REASON_BYTES) {
      int end = text.length() - Math.max(1, (text.length() - MAX_REASON_BYTES) / 2);
      boolean splits = Character.isHighSurrogate(text.charAt(end - 1));
      text = text.substring(0, splits ? end - 1 : end);
    }
    return text;
  }
}
