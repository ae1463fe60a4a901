package io.culvert.chaos;

import io.culvert.testkit.FaultProxy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Breaks the network in every way there is, one after the other, and measures how long the
 * connection needs to be carried again. Used by one thread; told of the connection by others.
 */
final class Breaker implements Side.Listener {
  /** Longer than any way back; a connection that is still away has a bug. */
  private static final Duration MAX_RECOVERY = Duration.ofSeconds(45);

  /** How long a truncation may wait for its last byte. */
  private static final Duration MAX_TRUNCATION = Duration.ofSeconds(2);

  private static final long HARMLESS_MILLIS = 300;

  private final FaultProxy proxy;
  private final List<Cut> cuts;
  private final Random random;
  private final int everyMillis;
  private final Deque<Cut> next = new ArrayDeque<>();
  private final Map<Cut, List<Long>> recoveries = new EnumMap<>(Cut.class);

  // Guarded by this; waiters are notified of every change.
  private boolean attached = true;
  private int resumes;
  private long resumedAt;
  private String ended;

  /**
   * A breaker.
   *
   * @param cuts those that it knows
   */
  Breaker(FaultProxy proxy, Set<Cut> cuts, long seed, int everyMillis) {
    this.cuts = List.copyOf(cuts);
    this.proxy = proxy;
    this.random = new Random(seed);
    this.everyMillis = everyMillis;
    for (Cut cut : Cut.values()) {
      recoveries.put(cut, new ArrayList<>());
    }
  }

  @Override
  public synchronized void detached() {
    attached = false;
  }

  @Override
  public synchronized void resumed() {
    attached = true;
    resumes++;
    resumedAt = System.nanoTime();
    notifyAll(); // awaitResumed()
  }

  @Override
  public synchronized void ended(String why) {
    ended = why;
    notifyAll(); // awaitResumed()
  }

  /** Why the connection has ended; null if it has not. */
  synchronized String ended() {
    return ended;
  }

  /** By kind of cut, in nanoseconds; for harmless ones, how long they lasted. */
  Map<Cut, List<Long>> recoveries() {
    return recoveries;
  }

  /**
   * Breaks it once, after a pause, and waits until the connection is carried again.
   *
   * @return false if it has ended, or is not carried again
   */
  boolean breakOnce(Side client) throws InterruptedException, IOException {
    TimeUnit.MILLISECONDS.sleep(everyMillis / 2 + random.nextInt(everyMillis + 1));
    if (!awaitResumed(0, MAX_RECOVERY)) {
      return false;
    }
    Cut cut = nextCut();
    int before = resumes();
    long start = System.nanoTime();
    cut.inject(proxy, random);
    if (cut == Cut.MIGRATE) {
      client.migrate();
    }
    boolean back = true;
    if (cut.group == Cut.Group.HARMLESS) {
      TimeUnit.MILLISECONDS.sleep(HARMLESS_MILLIS);
    } else {
      if (cut == Cut.TRUNCATE && !awaitResumed(before + 1, MAX_TRUNCATION)) {
        start = System.nanoTime();
        proxy.inject(FaultProxy.Fault.CUT); // too little passes: it would take too long
      }
      back = awaitResumed(before + 1, MAX_RECOVERY);
    }
    long took = (cut.group == Cut.Group.HARMLESS ? System.nanoTime() : resumedAt()) - start;
    Cut.lift(proxy);
    if (back) {
      recoveries.get(cut).add(took);
    }
    return back;
  }

  /** Each kind as often as the others, in an order that never repeats. */
  private Cut nextCut() {
    if (next.isEmpty()) {
      List<Cut> all = new ArrayList<>(cuts);
      Collections.shuffle(all, random);
      next.addAll(all);
    }
    return next.remove();
  }

  private synchronized int resumes() {
    return resumes;
  }

  private synchronized long resumedAt() {
    return resumedAt;
  }

  /** Waits until it is carried, and was resumed so often; false if that is not so in time. */
  private synchronized boolean awaitResumed(int count, Duration time) throws InterruptedException {
    long deadline = System.nanoTime() + time.toNanos();
    while (ended == null && (!attached || resumes < count)) {
      long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left); // for resumed() or ended()
    }
    return ended == null;
  }
}
