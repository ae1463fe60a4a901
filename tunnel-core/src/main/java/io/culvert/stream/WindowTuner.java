package io.culvert.stream;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Widens receive windows to twice what the application consumed in the last round trip. Tuned by
 * bytes consumed, not by whether credit came in time: the latter blocks itself.
 */
final class WindowTuner {
  /** Between probes at least this long, so that a short round trip does not mean many PINGs. */
  static final long MIN_INTERVAL_NANOS = 20_000_000;

  /**
   * A probe starts when a stream has consumed this part of its window, and these bytes count: a
   * window-limited sender's bytes come in bursts of one window, often read at once, and the next
   * burst comes behind the PONG. Small, because they may have been consumed long before.
   */
  private static final int PROBE_PART = 16;

  private final StreamLimits limits;

  /** In the order of consumption, so that who gets the rest of the budget is no accident. */
  private final Set<Stream> consumers = new LinkedHashSet<>();

  private long budget;
  private boolean probing;
  private boolean wanted;
  private long notBefore = Long.MIN_VALUE;

  WindowTuner(StreamLimits limits) {
    this.limits = limits;
    this.budget = limits.growthBudget();
  }

  void consumed(Stream stream, int bytes, long now) {
    if (!probing && notBefore != Long.MIN_VALUE && now - notBefore < 0) {
      return;
    }
    if (stream.consumedInProbe == 0) {
      consumers.add(stream);
    }
    long total = (long) stream.consumedInProbe + bytes;
    stream.consumedInProbe = (int) Math.min(total, Integer.MAX_VALUE);
    if (!probing && total >= stream.window() / PROBE_PART) {
      wanted = true;
    }
  }

  /** Whether a PING should be sent to measure by. */
  boolean wantsProbe() {
    return wanted;
  }

  void probeSent(long now) {
    wanted = false;
    probing = true;
    notBefore = now + MIN_INTERVAL_NANOS;
  }

  /** The probe was lost with its socket: another one is wanted. */
  void probeLost() {
    wanted |= probing;
    probing = false;
  }

  /**
   * A round trip is over; {@code creditDue} hears of streams whose wider window is worth a CREDIT.
   */
  void probeAnswered(Consumer<Stream> creditDue) {
    if (!probing) {
      return;
    }
    probing = false;
    for (Stream stream : consumers) {
      long target = Math.min(2L * stream.consumedInProbe, limits.maxWindow());
      long growth = Math.min(target - stream.window(), budget);
      if (growth > 0 && stream.state.receives()) {
        budget -= growth;
        stream.growth += (int) growth;
        if (stream.receiveWindow.grow((int) growth)) {
          creditDue.accept(stream);
        }
      }
    }
    forgetConsumers();
  }

  /** Forgets a stream that has ended and gives back what it took from the budget. */
  void closed(Stream stream) {
    consumers.remove(stream);
    budget += stream.growth;
    stream.growth = 0;
  }

  /** How many streams are held because they were read from since the last probe. */
  int consumers() {
    return consumers.size();
  }

  private void forgetConsumers() {
    for (Stream stream : consumers) {
      stream.consumedInProbe = 0;
    }
    consumers.clear();
  }
}
