package io.culvert.testkit.sim;

import java.util.PriorityQueue;

/**
 * A clock that moves only when the next event is run. Events of the same time run in the order in
 * which they were scheduled, so a run depends on nothing but its seed.
 */
final class VirtualTime {
  static final long MILLIS = 1_000_000;
  static final long SECONDS = 1_000_000_000;

  /** Longer than any wait that is not a heartbeat: acknowledgements, stalls, held completions. */
  private static final long QUIET = 10 * SECONDS;

  private final PriorityQueue<Event> queue = new PriorityQueue<>();
  private long now;
  private long scheduled;
  private long activePending;
  private long lastActivity;

  private record Event(long time, long order, boolean active, Runnable action)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(time, other.time);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  long now() {
    return now;
  }

  /** Schedules something that somebody waits for. */
  void at(long time, Runnable action) {
    add(time, true, action);
  }

  /** Schedules housekeeping: it may go on for ever without anything happening. */
  void housekeepingAt(long time, Runnable action) {
    add(time, false, action);
  }

  private void add(long time, boolean active, Runnable action) {
    queue.add(new Event(Math.max(time, now), scheduled++, active, action));
    activePending += active ? 1 : 0;
  }

  /**
   * Runs until nothing but housekeeping has happened for a while and nothing else is to come.
   *
   * @param maxEvents a bound on the work, to end a run that goes round in circles
   */
  void runUntilQuiet(long maxEvents) {
    lastActivity = now;
    for (long events = 0; !queue.isEmpty(); events++) {
      if (activePending == 0 && queue.element().time() - lastActivity > QUIET) {
        return;
      }
      if (events > maxEvents) {
        throw new SimulationFailure(maxEvents + " events, and still no end");
      }
      Event event = queue.remove();
      now = event.time();
      if (event.active()) {
        activePending--;
        lastActivity = now;
      }
      event.action().run();
    }
  }
}
