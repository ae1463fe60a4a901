package io.culvert.client;

import java.time.Duration;
import java.util.Objects;

/**
 * When a client dials again after its connection has broken: first within {@code first}, then with
 * full jitter under a bound that doubles from {@code base} to {@code most}, so that many clients
 * never come back together.
 *
 * @param first bound of the first delay
 * @param base bound of the second delay
 * @param most bound of every delay
 * @param giveUpAfter how long after the break dialing ends for good; zero: never
 */
public record ReconnectPolicy(Duration first, Duration base, Duration most, Duration giveUpAfter) {

  /** 250 ms, then 0.5 s doubling to 30 s, for ever. */
  public static final ReconnectPolicy DEFAULT =
      new ReconnectPolicy(
          Duration.ofMillis(250), Duration.ofMillis(500), Duration.ofSeconds(30), Duration.ZERO);

  /** Checks the bounds. */
  public ReconnectPolicy {
    Objects.requireNonNull(giveUpAfter, "giveUpAfter");
    if (first.isNegative() || base.isNegative() || base.isZero() || most.compareTo(base) < 0) {
      throw new IllegalArgumentException(
          "expected 0 <= first and 0 < base <= most, but got " + first + ", " + base + ", " + most);
    }
    if (giveUpAfter.isNegative()) {
      throw new IllegalArgumentException("giveUpAfter must not be negative: " + giveUpAfter);
    }
  }

  /** The same, but giving up after this time; zero: never. */
  public ReconnectPolicy giveUpAfter(Duration time) {
    return new ReconnectPolicy(first, base, most, time);
  }
}
