package io.culvert.swaggersocket;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/**
 * Who waits for one direction of a stream: threads, and a callback that asked for it. Guarded by
 * the connection's lock.
 */
final class Waker {
  private final SwaggerDriver driver;
  private final Condition condition;

  /** Null while nobody has asked. */
  private Runnable callback;

  Waker(SwaggerDriver driver) {
    this.driver = driver;
    this.condition = driver.lock().newCondition();
  }

  /** Wakes all; the callback runs when the lock was given up. */
  void wake() {
    condition.signalAll(); // bytes, room or the end
    if (callback != null) {
      driver.wakeLater(callback);
      callback = null;
    }
  }

  /** Wakes once, at the next chance or, if there is nothing to wait for, now. */
  void callBack(boolean wait, Runnable wake) {
    if (wait) {
      callback = wake;
    } else {
      driver.wakeLater(wake);
    }
  }

  /**
   * Waits on this thread while the condition holds.
   *
   * @param timeoutNanos 0 for no bound
   */
  void awaitWhile(BooleanSupplier holds, long timeoutNanos) throws IOException {
    try {
      long left = timeoutNanos;
      while (holds.getAsBoolean()) {
        if (timeoutNanos == 0) {
          condition.await();
        } else if (left <= 0) {
          throw new SocketTimeoutException(
              "no byte arrived within " + Duration.ofNanos(timeoutNanos).toMillis() + " ms");
        } else {
          left = condition.awaitNanos(left);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for the peer");
    }
  }
}
