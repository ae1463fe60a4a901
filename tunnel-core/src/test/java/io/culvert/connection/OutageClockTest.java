package io.culvert.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OutageClockTest {
  private long now = Long.MAX_VALUE - 5; // differences must count only
  private final OutageClock clock = new OutageClock(() -> now);

  @Test
  void countsTheTimeBetweenBeginAndEndOnly() {
    now += 3;
    assertEquals(0, clock.nanos());
    clock.begin();
    assertTrue(clock.running());
    now += 10;
    assertEquals(10, clock.nanos());
    clock.end();
    assertFalse(clock.running());
    now += 100;
    assertEquals(10, clock.nanos());
    clock.begin();
    now += 1;
    assertEquals(11, clock.nanos());
  }

  @Test
  void anOutageThatBeginsOrEndsTwiceIsOne() {
    clock.begin();
    now += 4;
    clock.begin();
    now += 5;
    clock.end();
    clock.end();
    assertEquals(9, clock.nanos());
  }
}
