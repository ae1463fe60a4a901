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

  /** Something that is to happen, which may be called off. */
  final class Event implements Comparable<Event> {
    private final long at;
    private final long order;
    private final boolean active;
    private Runnable action;

    private Event(long at, long order, boolean active, Runnable action) {
      this.at = at;
      this.order = order;
      this.active = active;
      this.action = action;
    }

    /** It will not happen, and nobody waits for it. Harmless once it has. */
    void cancel() {
      if (action != null && queue.remove(this)) {
        activePending -= active ? 1 : 0;
      }
      action = null;
    }

    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  long now() {
    return now;
  }

  /** Schedules something that somebody waits for. */
  Event at(long time, Runnable action) {
    return add(time, true, action);
  }

  /** Schedules housekeeping: it may go on for ever without anything happening. */
  Event housekeepingAt(long time, Runnable action) {
    return add(time, false, action);
  }

  private Event add(long time, boolean active, Runnable action) {
    Event event = new Event(Math.max(time, now), scheduled++, active, action);
    queue.add(event);
    activePending += active ? 1 : 0;
    return event;
  }

  /**
   * Runs until nothing but housekeeping has happened for a while and nothing else is to come.
   *
   * @param maxEvents a bound on the work, to end a run that goes round in circles
   */
  void runUntilQuiet(long maxEvents) {
    lastActivity = now;
    for (long events = 0; !queue.isEmpty(); events++) {
      if (activePending == 0 && queue.element().at - lastActivity > QUIET) {
        return;
      }
      if (events > maxEvents) {
        throw new SimulationFailure(maxEvents + " events, and still no end");
      }
      Event event = queue.remove();
      now = event.at;
      if (event.active) {
        activePending--;
        lastActivity = now;
      }
      Runnable action = event.action;
      event.action = null;
      action.run();
    }
  }
}
