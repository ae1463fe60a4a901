package io.culvert.connection;

import java.security.SecureRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * The threads, the clock and the randomness that connections share: one per server or client, which
 * owns and closes it. Thread-safe.
 */
public final class ConnectionRuntime implements AutoCloseable {
  private final ExecutorService executor;
  private final ScheduledExecutorService timer;
  private final LongSupplier nanoTime;
  private final RandomGenerator random;

  private ConnectionRuntime(
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

  /** Wakes connections at their deadlines; its tasks never block. */
  ScheduledExecutorService timer() {
    return timer;
  }

  long now() {
    return nanoTime.getAsLong();
  }

  RandomGenerator random() {
    return random;
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
