package io.culvert.websocket.jetty;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.Scheduler;

/** Runs an action once if it is not cancelled in time. Thread-safe. */
final class Deadline {
  private final Scheduler scheduler;

  // Guarded by this.
  private boolean over;

  /** Null until {@link #start}. */
  private Scheduler.Task task;

  Deadline(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** The first call counts, and none after {@link #cancel}. */
  synchronized void start(Duration time, Runnable action) {
    if (task == null && !over) {
      task = scheduler.schedule(action, time.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  synchronized void cancel() {
    over = true;
    if (task != null) {
      task.cancel();
    }
  }
}
