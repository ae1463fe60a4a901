package io.culvert.client;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The delays of one client, by {@link ReconnectPolicy}. Knows no clock: it is told the time, in
 * nanoseconds of which only differences count. Not thread-safe.
 */
final class Backoff {
  /**
   * A connection that lived this long has proved the peer: the next break starts from the first.
   */
  static final Duration STABLE = Duration.ofSeconds(10);

  private final ReconnectPolicy policy;
  private final RandomGenerator random;
  private int attempt;
  private long brokeAt;
  private boolean broken;
  private long connectedAt;

  Backoff(ReconnectPolicy policy, RandomGenerator random) {
    this.policy = policy;
    this.random = random;
  }

  void connected(long now) {
    connectedAt = now;
    broken = false;
  }

  /** The peer is there and knows this side: the next break starts from the first. */
  void proved() {
    attempt = 0;
    broken = false;
  }

  /** The connection has broken, or a dial has failed: how long to wait; empty: give up. */
  Optional<Duration> next(long now) {
    if (!broken) {
      broken = true;
      brokeAt = now;
      if (now - connectedAt >= STABLE.toNanos()) {
        attempt = 0;
      }
    }
    long delay = jitter(bound(attempt++));
    long giveUp = policy.giveUpAfter().toNanos();
    if (giveUp > 0 && now + delay - brokeAt > giveUp) {
      return Optional.empty();
    }
    return Optional.of(Duration.ofNanos(delay));
  }

  private long bound(int number) {
    if (number == 0) {
      return policy.first().toNanos();
    }
    long bound = policy.base().toNanos();
    long most = policy.most().toNanos();
    for (int i = 1; i < number && bound < most; i++) {
      bound *= 2;
    }
    return Math.min(bound, most);
  }

  private long jitter(long bound) {
    return bound == 0 ? 0 : random.nextLong(bound + 1);
  }
}
