package io.culvert.connection;

import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/**
 * Who waits for one direction of a stream, and how long. The connection's lock is held in every
 * call but {@link #bound}, which needs none.
 */
final class Waiters {
  /**
   * @param nanos 0: none
   * @param attachedOnly whether only the time counts in which the connection has a WebSocket
   */
  private record Bound(long nanos, boolean attachedOnly) {}

  private final ConnectionDriver driver;
  private final Condition condition;
  private volatile Bound bound = new Bound(0, false);

  /** Who does not block, but wants to be called; null if nobody does. */
  private Runnable wake;

  Waiters(ConnectionDriver driver) {
    this.driver = driver;
    this.condition = driver.lock().newCondition();
  }

  /** Bounds the calls that begin from now on. */
  void bound(Duration timeout, boolean attachedOnly) {
    bound = new Bound(timeout.toNanos(), attachedOnly);
  }

  /** Calls it, instead of the one before, at the next change. */
  void wakeLater(Runnable callback) {
    wake = callback;
  }

  /** Something has changed: bytes, room, the end or a failure. */
  void wakeAll() {
    condition.signalAll(); // see above
    if (wake != null) {
      driver.wakeLater(wake);
      wake = null;
    }
  }

  /** The connection has a WebSocket again: clocks that stood still go on. */
  void clocksGoOn() {
    condition.signalAll(); // those that wait without a bound meanwhile
  }

  /** A call that may have to wait, several times; its time begins when it does so first. */
  Waiting begin() {
    return new Waiting(bound);
  }

  /** The time of one blocking call. Not thread-safe: the caller's. */
  final class Waiting {
    private final Bound bound;
    private boolean begun;
    private long began;
    private long outageBefore;

    private Waiting(Bound bound) {
      this.bound = bound;
    }

    /**
     * Waits as long as there is a reason to.
     *
     * @param what has not happened when the time is up
     * @throws SocketTimeoutException when it is
     */
    void awaitWhile(BooleanSupplier reason, String what)
        throws InterruptedException, SocketTimeoutException {
      while (reason.getAsBoolean()) {
        long left = left();
        if (bound.nanos == 0 || (bound.attachedOnly && driver.outages().running())) {
          condition.await(); // the next WebSocket, or the end for want of one, wakes it too
        } else if (left > 0) {
          long unused = condition.awaitNanos(left);
        } else {
          throw new SocketTimeoutException(
              "timeout: " + what + " within " + Duration.ofNanos(bound.nanos).toMillis() + " ms");
        }
      }
    }

    /** What is left of the time, which begins now if it has not. */
    private long left() {
      long now = driver.runtime().now();
      long outage = bound.attachedOnly ? driver.outages().nanos() : 0;
      if (!begun) {
        begun = true;
        began = now;
        outageBefore = outage;
      }
      return bound.nanos - (now - began) + (outage - outageBefore);
    }
  }
}
