package io.culvert.swaggersocket;

import static io.culvert.swaggersocket.SwaggerHeartbeat.Verdict.ALIVE;
import static io.culvert.swaggersocket.SwaggerHeartbeat.Verdict.DEAD;
import static io.culvert.swaggersocket.SwaggerHeartbeat.Verdict.PING_DUE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Times are nanoseconds after the start; a ping is due after 100, its answer within 30. */
class SwaggerHeartbeatTest {
  private static final long START = Long.MAX_VALUE - 200; // the clock may wrap around
  private static final long IDLE = 100;
  private static final long TIMEOUT = 30;

  private final SwaggerHeartbeat heartbeat = new SwaggerHeartbeat(IDLE, TIMEOUT, START);

  private SwaggerHeartbeat.Verdict at(long time) {
    return heartbeat.check(START + time);
  }

  private void life(long time) {
    heartbeat.life(START + time);
  }

  private long pong(long time) {
    return heartbeat.ponged(START + time);
  }

  private void exchange(boolean underWay, long time) {
    heartbeat.exchange(underWay, START + time);
  }

  private long deadline() {
    return heartbeat.deadline() - START;
  }

  @Test
  void aPingIsDueWheneverNothingWasReceivedForTheIdleTime() {
    assertEquals(IDLE, deadline());
    assertEquals(ALIVE, at(99));
    assertEquals(PING_DUE, at(100));
    assertEquals(ALIVE, at(101));
    assertEquals(200, deadline());
    assertEquals(PING_DUE, at(200));
    life(250);
    assertEquals(350, deadline());
    assertEquals(ALIVE, at(349));
    assertEquals(PING_DUE, at(350));
  }

  @Test
  void aPeerThatHasNeverAnsweredIsNeverDead() {
    for (long time = 100; time < 10_000; time += 100) {
      assertEquals(PING_DUE, at(time));
      assertEquals(ALIVE, at(time + TIMEOUT));
    }
  }

  @Test
  void aPeerThatHasAnsweredWhileIdleMustGoOnToDoSo() {
    assertEquals(PING_DUE, at(100));
    assertEquals(7, pong(107));
    assertEquals(7, heartbeat.roundTripNanos());
    assertEquals(PING_DUE, at(207));
    assertEquals(237, deadline());
    assertEquals(ALIVE, at(236));
    assertEquals(DEAD, at(237));
  }

  @Test
  void anAnswerAfterAnExchangeProvesNothing() {
    assertEquals(PING_DUE, at(100));
    exchange(true, 110);
    exchange(false, 120);
    assertEquals(25, pong(125));
    assertEquals(PING_DUE, at(225));
    assertEquals(ALIVE, at(225 + TIMEOUT));
  }

  @Test
  void anAnswerWithinAnExchangeProvesNothing() {
    exchange(true, 10);
    assertEquals(PING_DUE, at(110));
    pong(111);
    exchange(false, 112);
    assertEquals(PING_DUE, at(212));
    assertEquals(ALIVE, at(212 + TIMEOUT));
  }

  @Test
  void anAnswerToAPingOfBeforeTheExchangeDoesNotProveWhatALaterOneWould() {
    assertEquals(PING_DUE, at(100));
    exchange(true, 101);
    assertEquals(PING_DUE, at(201));
    exchange(false, 202);
    assertEquals(PING_DUE, at(302));
    pong(303); // answers the first
    pong(304); // answers the second
    assertEquals(ALIVE, at(304 + TIMEOUT));
    assertEquals(PING_DUE, at(404));
    assertEquals(ALIVE, at(404 + TIMEOUT));
    pong(440); // answers the third: now it is known
    assertEquals(PING_DUE, at(540));
    assertEquals(DEAD, at(570));
  }

  @Test
  void nothingIsHeldAgainstAPeerWhileAnExchangeIsUnderWay() {
    at(100);
    pong(101);
    exchange(true, 150);
    for (long time = 250; time < 10_000; time += 100) {
      assertEquals(PING_DUE, at(time));
      assertEquals(ALIVE, at(time + TIMEOUT));
    }
  }

  @Test
  void silenceCountsFromTheEndOfAnExchange() {
    at(100);
    pong(101);
    exchange(true, 150);
    assertEquals(PING_DUE, at(250));
    exchange(false, 251);
    assertEquals(ALIVE, at(350));
    assertEquals(PING_DUE, at(351));
    assertEquals(DEAD, at(381));
  }

  @Test
  void anyMessageIsLife() {
    at(100);
    pong(101);
    assertEquals(PING_DUE, at(201));
    life(230);
    assertEquals(ALIVE, at(231));
    assertEquals(330, deadline());
  }

  @Test
  void aPongThatAnswersNothingIsNoRoundTrip() {
    assertEquals(-1, pong(10));
    assertEquals(0, heartbeat.roundTripNanos());
    assertEquals(110, deadline());
  }

  @Test
  void unansweredPingsAreForgottenInTheEnd() {
    for (int i = 1; i <= 50; i++) {
      assertEquals(PING_DUE, at(100L * i));
    }
    int answered = 0;
    while (pong(5001) >= 0) {
      answered++;
    }
    assertEquals(16, answered);
  }

  @Test
  void zeroSwitchesItOff() {
    SwaggerHeartbeat off = new SwaggerHeartbeat(0, TIMEOUT, START);
    assertEquals(Long.MAX_VALUE, off.deadline());
    assertEquals(ALIVE, off.check(START));
  }
}
