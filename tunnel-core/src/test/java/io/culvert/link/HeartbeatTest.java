package io.culvert.link;

import static io.culvert.link.Heartbeat.Verdict.ALIVE;
import static io.culvert.link.Heartbeat.Verdict.DEAD;
import static io.culvert.link.Heartbeat.Verdict.PING_DUE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatTest {
  private static final long IDLE = 15;
  private static final long TIMEOUT = 10;

  @ParameterizedTest
  @ValueSource(longs = {0, 1_000, -7, Long.MAX_VALUE - 20})
  void silenceAsksOnceAndThenKills(long start) {
    Heartbeat heartbeat = new Heartbeat(IDLE, TIMEOUT, start);

    assertEquals(start + 15, heartbeat.deadline());
    assertEquals(ALIVE, heartbeat.check(start + 14));
    assertEquals(PING_DUE, heartbeat.check(start + 15));
    assertEquals(ALIVE, heartbeat.check(start + 15));
    assertEquals(start + 25, heartbeat.deadline());
    assertEquals(ALIVE, heartbeat.check(start + 24));
    assertEquals(DEAD, heartbeat.check(start + 25));
    assertEquals(DEAD, heartbeat.check(start + 1_000));
  }

  @Test
  void anyPacketStartsTheSilenceAnew() {
    Heartbeat heartbeat = new Heartbeat(IDLE, TIMEOUT, 0);
    heartbeat.check(15);

    heartbeat.life(24);

    assertEquals(39, heartbeat.deadline());
    assertEquals(ALIVE, heartbeat.check(38));
    assertEquals(PING_DUE, heartbeat.check(39));
    assertEquals(ALIVE, heartbeat.check(48));
    assertEquals(DEAD, heartbeat.check(49));
  }

  @Test
  void zeroSwitchesItOff() {
    Heartbeat heartbeat = new Heartbeat(0, 0, 0);

    assertEquals(ALIVE, heartbeat.check(Long.MAX_VALUE));
    assertEquals(Long.MAX_VALUE, heartbeat.deadline());
  }
}
