package io.culvert.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class RoundTripTest {
  private final RoundTrip roundTrip = new RoundTrip();

  @Test
  void anAnswerMeasures() {
    assertFalse(roundTrip.outstanding());
    long token = roundTrip.sent(100);
    assertTrue(roundTrip.outstanding());

    assertEquals(50, roundTrip.answered(token, 150));

    assertFalse(roundTrip.outstanding());
    assertEquals(50, roundTrip.latestNanos());
  }

  @Test
  void onlyTheOutstandingTokenCounts() {
    long first = roundTrip.sent(0);
    assertEquals(-1, roundTrip.answered(first + 1, 10));
    assertTrue(roundTrip.outstanding());
    assertEquals(10, roundTrip.answered(first, 10));

    assertEquals(-1, roundTrip.answered(first, 20), "answered twice");
    long second = roundTrip.sent(30);
    assertNotEquals(first, second);
    assertEquals(-1, roundTrip.answered(first, 40), "the answer to an older one");
    assertEquals(10, roundTrip.latestNanos());
  }

  @Test
  void anAnswerInNoTimeStillCounts() {
    assertEquals(1, roundTrip.answered(roundTrip.sent(5), 5));
  }

  @Test
  void anAnswerWithoutAQuestionDoesNot() {
    assertEquals(-1, roundTrip.answered(0, 10));
    assertEquals(0, roundTrip.latestNanos());
  }
}
