package io.culvert.cli;

import io.culvert.agent.RequestSeen;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The latest requests that an agent has served, for its screen; each is logged. Thread-safe. */
final class LatestRequests {
  private static final int KEPT = 500;
  private static final Logger LOG = LoggerFactory.getLogger("io.culvert.agent.requests");

  // Guarded by this.
  private final Deque<ScreenState.Request> requests = new ArrayDeque<>();
  private long total;

  void add(RequestSeen seen) {
    LOG.info("{} {} {} {} ms", seen.method(), seen.path(), seen.status(), seen.millis());
    ScreenState.Request request =
        new ScreenState.Request(
            instant(seen.time()), seen.method(), seen.path(), seen.status(), seen.millis());
    synchronized (this) {
      total += 1 + seen.missed();
      requests.addFirst(request);
      if (requests.size() > KEPT) {
        requests.removeLast();
      }
    }
  }

  /** The relay's clock, if what it says is one. */
  private static Instant instant(String time) {
    try {
      return Instant.parse(time);
    } catch (DateTimeParseException e) {
      return Instant.now();
    }
  }

  /** How many there were. */
  synchronized long total() {
    return total;
  }

  /** The newest first. */
  synchronized List<ScreenState.Request> latest() {
    return List.copyOf(requests);
  }

  /** Within how many milliseconds this share of the latest requests was done; 0 without any. */
  double millisOf(double share) {
    List<Double> sorted = latest().stream().map(ScreenState.Request::millis).sorted().toList();
    return sorted.isEmpty() ? 0 : sorted.get((int) Math.ceil(share * sorted.size()) - 1);
  }
}
