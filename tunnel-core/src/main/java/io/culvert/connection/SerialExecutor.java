package io.culvert.connection;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one after another, in order, on another executor. A task that throws harms no other.
 */
public final class SerialExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(SerialExecutor.class);

  /** Tasks that may be dropped are, while this many are waiting. */
  private static final int SURPLUS = 64;

  private final Executor executor;

  /** Guarded by this object's monitor. */
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

  private boolean running;

  public SerialExecutor(Executor executor) {
    this.executor = executor;
  }

  /** Never blocks and never runs the task on the calling thread. */
  public synchronized void execute(Runnable task) {
    waiting.add(task);
    if (!running) {
      running = true;
      try {
        executor.execute(this::drain);
      } catch (RejectedExecutionException e) {
        // The owner has closed its runtime: nobody listens any more.
        waiting.clear();
        running = false;
      }
    }
  }

  /** Like {@link #execute}, but drops the task while many are waiting. */
  public synchronized void executeUnlessBusy(Runnable task) {
    if (waiting.size() < SURPLUS) {
      execute(task);
    }
  }

  private void drain() {
    Runnable task;
    while ((task = next()) != null) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // An Error too: the tasks behind this one must not wait for ever.
        LOG.warn("A listener has failed", e);
      }
    }
  }

  private synchronized Runnable next() {
    Runnable task = waiting.poll();
    running = task != null;
    return task;
  }
}
