package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** In virtual time: no test waits. */
class BackoffTest {
  private static final Duration LONG = Duration.ofSeconds(11);

  /** Always draws the largest number below the bound, so that the delays are the bounds. */
  private static final RandomGenerator LARGEST =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          throw new UnsupportedOperationException();
        }

        @Override
        public long nextLong(long bound) {
          return bound - 1;
        }
      };

  private long now = 123;

  private Backoff broken(ReconnectPolicy policy, RandomGenerator random) {
    Backoff backoff = new Backoff(policy, random);
    backoff.connected(now);
    now += LONG.toNanos();
    return backoff;
  }

  private List<Duration> delays(Backoff backoff, int count) {
    List<Duration> delays = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Duration delay = backoff.next(now).orElseThrow();
      delays.add(delay);
      now += delay.toNanos();
    }
    return delays;
  }

  private static List<Duration> millis(long... values) {
    List<Duration> list = new ArrayList<>();
    for (long value : values) {
      list.add(Duration.ofMillis(value));
    }
    return list;
  }

  @Test
  void boundsBeginAt250MsAndDoubleFromHalfASecondTo30Seconds() {
    assertEquals(
        millis(250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000),
        delays(broken(ReconnectPolicy.DEFAULT, LARGEST), 9));
  }

  @Test
  void delaysAreSpreadOverTheWholeBound() {
    Random random = new Random(42);
    int[] tenths = new int[10];
    for (int i = 0; i < 10_000; i++) {
      Duration first = broken(ReconnectPolicy.DEFAULT, random).next(now).orElseThrow();
      assertTrue(!first.isNegative() && first.compareTo(Duration.ofMillis(250)) <= 0);
      tenths[(int) Math.min(9, first.toNanos() / 25_000_000)]++;
    }
    for (int count : tenths) {
      assertTrue(count > 800 && count < 1200, () -> "not uniform: " + List.of(count));
    }
  }

  @Test
  void aStableConnectionStartsAnew() {
    Backoff backoff = broken(ReconnectPolicy.DEFAULT, LARGEST);
    delays(backoff, 4);
    backoff.connected(now);
    now += Backoff.STABLE.toNanos();
    assertEquals(millis(250, 500), delays(backoff, 2));
  }

  @Test
  void aConnectionThatBreaksAtOnceGoesOnWaitingLonger() {
    Backoff backoff = broken(ReconnectPolicy.DEFAULT, LARGEST);
    delays(backoff, 3);
    backoff.connected(now);
    now += Backoff.STABLE.toNanos() - 1;
    assertEquals(millis(2000, 4000), delays(backoff, 2));
  }

  @Test
  void givesUpWhenTheNextDialWouldComeTooLate() {
    Backoff backoff = broken(ReconnectPolicy.DEFAULT.giveUpAfter(Duration.ofMillis(1750)), LARGEST);
    assertEquals(millis(250, 500, 1000), delays(backoff, 3));
    assertEquals(Optional.empty(), backoff.next(now));
  }

  @Test
  void theTimeToGiveUpRunsFromTheBreak() {
    Backoff backoff = broken(ReconnectPolicy.DEFAULT.giveUpAfter(Duration.ofMillis(800)), LARGEST);
    delays(backoff, 2);
    backoff.connected(now);
    now += LONG.toNanos();
    assertEquals(millis(250, 500), delays(backoff, 2));
    assertEquals(Optional.empty(), backoff.next(now));
  }

  @Test
  void timeMayOverflow() {
    now = Long.MAX_VALUE - 5;
    assertEquals(
        millis(250, 500), delays(broken(ReconnectPolicy.DEFAULT.giveUpAfter(LONG), LARGEST), 2));
  }

  @Test
  void boundsAreChecked() {
    Duration second = Duration.ofSeconds(1);
    Duration less = Duration.ofMillis(999);
    assertThrows(
        IllegalArgumentException.class,
        () -> new ReconnectPolicy(second, second, less, Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class,
        () -> new ReconnectPolicy(second, Duration.ZERO, second, Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class,
        () -> ReconnectPolicy.DEFAULT.giveUpAfter(Duration.ofMillis(-1)));
  }
}
