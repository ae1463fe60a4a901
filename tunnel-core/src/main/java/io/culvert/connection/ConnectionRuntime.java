package io.culvert.connection;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads, the clock and the randomness that connections share: one per server or client, which
 * owns and closes it. Thread-safe.
 */
public final class ConnectionRuntime implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionRuntime.class);

  private final ExecutorService executor;
  private final ScheduledExecutorService timer;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;
  private final LinkCounters counters = new LinkCounters(null);

  /** For {@link #create}, and for tests with a timer of their own. */
  ConnectionRuntime(
      ExecutorService executor,
      ScheduledExecutorService timer,
      LongSupplier nanoTime,
      RandomGenerator random) {
    this.executor = executor;
    this.timer = timer;
    this.nanoTime = nanoTime;
    this.random = random;
  }

  /**
   * Threads of its own, the system's clock and a {@link SecureRandom}.
   *
   * @param name goes into the names of the threads: {@code culvert-name-...}
   */
  public static ConnectionRuntime create(String name) {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1, Threads.platform("culvert-" + name + "-timer"));
    timer.setRemoveOnCancelPolicy(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return new ConnectionRuntime(
        Threads.perTask("culvert-" + name + "-worker"),
        Executors.unconfigurableScheduledExecutorService(timer),
        System::nanoTime,
        new SecureRandom());
  }

  /** Runs application callbacks and writes for which the causing thread has no time. */
  public Executor executor() {
    return executor;
  }

  /**
   * Runs a task on the executor after a delay.
   *
   * @return false if the runtime is closed, and the task will not run
   */
  public boolean later(Duration delay, Runnable task) {
    try {
      ScheduledFuture<?> unused =
          timer.schedule(() -> submit(task), delay.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void submit(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("the runtime was closed before a task's time came", e);
    }
  }

  /** Wakes connections at their deadlines; its tasks never block. */
  ScheduledExecutorService timer() {
    return timer;
  }

  /** The clock: nanoseconds of which only differences count. */
  public long now() {
    return nanoTime.getAsLong();
  }

  /** The source of nonces, secrets and jitter. */
  public RandomGenerator random() {
    return random;
  }

  LinkCounters counters() {
    return counters;
  }

  /** What happened to the WebSockets of all connections so far. */
  public LinkStatistics linkStatistics() {
    return counters.statistics();
  }

  /**
   * Ends the threads; waits at most 5 seconds for callbacks that are running. To be called when all
   * connections have ended. Idempotent.
   */
  @Override
  public void close() {
    timer.shutdownNow();
    executor.shutdown();
    try {
      if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
        executor.shutdownNow();
      }
    } catch (InterruptedException e) {
      executor.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }
}
