package io.culvert.websocket;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;

/**
 * Runs what a library's callbacks have to do, at once or after a pause, in their order. Thread-safe
 * but for {@link #run}, whose calls must not overlap.
 */
final class PausableDelivery {
  // All below is guarded by this.

  /** What came during a pause: as much as the library had been asked for, and the end. */
  private final Queue<Runnable> held = new ArrayDeque<>();

  private boolean paused;

  /** What was held is being run; what comes meanwhile goes behind it. */
  private boolean running;

  /** Runs it now or, during a pause, after that. */
  void run(Runnable step) {
    synchronized (this) {
      if (paused || running) {
        held.add(step);
        return;
      }
    }
    step.run();
  }

  synchronized void pause() {
    paused = true;
  }

  /** What was held runs in the common pool: the caller may be inside a step. */
  void resume() {
    synchronized (this) {
      paused = false;
      if (running || held.isEmpty()) {
        return;
      }
      running = true;
    }
    CompletableFuture<?> unused = CompletableFuture.runAsync(this::runHeld);
  }

  private void runHeld() {
    for (Runnable step = next(); step != null; step = next()) {
      step.run();
    }
  }

  private synchronized Runnable next() {
    Runnable next = paused ? null : held.poll();
    running = next != null;
    return next;
  }
}
