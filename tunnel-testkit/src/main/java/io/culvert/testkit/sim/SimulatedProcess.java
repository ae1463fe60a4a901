package io.culvert.testkit.sim;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What runs in one process. While it is paused nothing does; after that everything does, late and
 * in its order, with a clock that has jumped. When it has died nothing ever does again.
 */
final class SimulatedProcess {
  private final VirtualTime time;
  private final Deque<Runnable> held = new ArrayDeque<>();
  private boolean paused;
  private boolean dead;

  SimulatedProcess(VirtualTime time) {
    this.time = time;
  }

  void run(Runnable action) {
    if (dead) {
      return;
    }
    if (paused) {
      held.add(action);
    } else {
      action.run();
    }
  }

  void pause(long nanos) {
    if (!paused && !dead) {
      paused = true;
      time.at(time.now() + nanos, this::goOn);
    }
  }

  private void goOn() {
    paused = false;
    while (!held.isEmpty()) {
      held.remove().run();
    }
  }

  void die() {
    dead = true;
    held.clear();
  }

  boolean dead() {
    return dead;
  }
}
