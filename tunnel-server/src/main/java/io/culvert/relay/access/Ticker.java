package io.culvert.relay.access;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs something again and again on one daemon thread of its own, until closed. */
final class Ticker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ticker.class);

  private final ScheduledThreadPoolExecutor executor;

  /** Starts; the first run is one interval from now. */
  Ticker(String threadName, Duration interval, Runnable tick) {
    executor =
        new ScheduledThreadPoolExecutor(
            1,
            run -> {
              Thread thread = new Thread(run, threadName);
              thread.setDaemon(true);
              return thread;
            });
    long nanos = interval.toNanos();
    var unused =
        executor.scheduleWithFixedDelay(() -> quietly(tick), nanos, nanos, TimeUnit.NANOSECONDS);
  }

  /** An exception would end the schedule silently. */
  private static void quietly(Runnable tick) {
    try {
      tick.run();
    } catch (RuntimeException e) {
      // Its message may hold what was being read.
      LOG.error("watching credentials failed with {}; going on", e.getClass().getName());
    }
  }

  /** Interrupts a run and does not wait for it. Idempotent. */
  @Override
  public void close() {
    executor.shutdownNow();
  }
}
