package io.culvert.chaos;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Spreads work evenly over a time, which begins now. Thread-safe. */
final class Pace {
  private final long start = System.nanoTime();
  private final double nanosPerUnit;

  Pace(long units, Duration over) {
    nanosPerUnit = (double) over.toNanos() / units;
  }

  /** Waits until it is the turn of this unit; one that is late is not held up further. */
  void await(long unit) throws InterruptedException {
    long left = start + (long) (unit * nanosPerUnit) - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }
}
