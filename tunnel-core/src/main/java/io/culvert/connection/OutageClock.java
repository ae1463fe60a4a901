package io.culvert.connection;

import java.util.function.LongSupplier;

/**
 * How long a connection has been without a WebSocket, in all: other clocks subtract it to stand
 * still meanwhile. {@link #begin} and {@link #end} are called with the connection's lock held; the
 * rest by anybody, without a lock.
 */
final class OutageClock {
  private record Mark(long total, boolean running, long since) {}

  private final LongSupplier nanoTime;
  private volatile Mark mark = new Mark(0, false, 0);

  OutageClock(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** Does nothing if it runs. */
  void begin() {
    if (!mark.running) {
      mark = new Mark(mark.total, true, nanoTime.getAsLong());
    }
  }

  /** Does nothing if it does not run. */
  void end() {
    mark = new Mark(nanos(), false, 0);
  }

  boolean running() {
    return mark.running;
  }

  /** Of all outages, including the present one. */
  long nanos() {
    Mark now = mark;
    return now.running ? now.total + nanoTime.getAsLong() - now.since : now.total;
  }
}
