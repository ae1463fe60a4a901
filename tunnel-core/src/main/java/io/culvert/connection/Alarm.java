package io.culvert.connection;

import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes a connection at its deadline. One that fires too early only makes the connection look
 * again, so it is moved forward but never back. Guarded by the connection's lock.
 */
public final class Alarm {
  private static final Logger LOG = LoggerFactory.getLogger(Alarm.class);

  private final ScheduledExecutorService timer;
  private final Runnable action;
  private ScheduledFuture<?> armed;
  private long armedFor;

  /**
   * An alarm that is off.
   *
   * @param action runs on the timer's thread, without the lock; calls {@link #fired} with it
   */
  public Alarm(ConnectionRuntime runtime, Runnable action) {
    this.timer = runtime.timer();
    this.action = action;
  }

  /** Fires at the deadline or before; {@code Long.MAX_VALUE} asks for nothing. */
  public void set(long deadline, long now) {
    if (deadline == Long.MAX_VALUE || (armed != null && armedFor - deadline <= 0)) {
      return;
    }
    cancel();
    try {
      armed = timer.schedule(action, Math.max(0, deadline - now), TimeUnit.NANOSECONDS);
      armedFor = deadline;
    } catch (RejectedExecutionException e) {
      LOG.debug("a connection outlives its runtime", e);
    }
  }

  /** To be called first by the action. */
  public void fired() {
    armed = null;
  }

  /** Fires no more, unless it is doing so already. */
  public void cancel() {
    if (armed != null) {
      armed.cancel(false);
      armed = null;
    }
  }
}
