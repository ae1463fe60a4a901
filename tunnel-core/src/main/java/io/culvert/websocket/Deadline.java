package io.culvert.websocket;

import java.net.SocketTimeoutException;
import java.time.Duration;

/** When a blocking call gives up. */
final class Deadline {
  /** Far enough: {@link System#nanoTime} overflows beyond 292 years. */
  private static final Duration FOR_EVER = Duration.ofDays(36_500);

  private final Duration timeout;
  private final long at;

  private Deadline(Duration timeout) {
    this.timeout = timeout.compareTo(FOR_EVER) > 0 ? FOR_EVER : timeout;
    this.at = System.nanoTime() + this.timeout.toNanos();
  }

  /**
   * @throws SocketTimeoutException if that is now, or was before
   */
  static Deadline in(Duration timeout) throws SocketTimeoutException {
    if (timeout.isZero() || timeout.isNegative()) {
      throw new SocketTimeoutException("the timeout has expired already, it is " + timeout);
    }
    return new Deadline(timeout);
  }

  /** 0 or less when it has passed. */
  long nanosLeft() {
    return at - System.nanoTime();
  }

  /** To be thrown when it has passed. */
  SocketTimeoutException passed(String what) {
    return new SocketTimeoutException(what + " within " + timeout.toMillis() + " ms");
  }
}
