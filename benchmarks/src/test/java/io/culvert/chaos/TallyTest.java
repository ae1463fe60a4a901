package io.culvert.chaos;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TallyTest {
  private final Tally tally = new Tally(Tally.Work.EVENTS);
  private final Tally.Sequence sequence = tally.new Sequence();

  private void came(int... numbers) {
    tally.sent.set(4);
    for (int number : numbers) {
      sequence.came(number);
    }
    sequence.ended(4);
  }

  @Test
  void allInOrderIsClean() {
    came(0, 1, 2, 3);
    assertTrue(tally.clean());
    assertArrayEquals(new long[] {4, 4, 4, 0, 0, 0}, tally.counts());
  }

  @Test
  void aGapIsALoss() {
    came(0, 3);
    assertArrayEquals(new long[] {4, 2, 2, 0, 2, 0}, tally.counts());
    assertFalse(tally.clean());
  }

  @Test
  void whatIsMissingAtTheEndIsLost() {
    came(0, 1, 2);
    assertArrayEquals(new long[] {4, 3, 3, 0, 1, 0}, tally.counts());
    assertFalse(tally.clean());
  }

  @Test
  void whatComesAgainIsTwice() {
    came(0, 1, 1, 2, 3);
    assertArrayEquals(new long[] {4, 5, 4, 1, 0, 0}, tally.counts());
    assertFalse(tally.clean());
  }

  @Test
  void damageIsWrong() {
    came(0, 1, Numbered.number(Numbered.text(2) + "0"), 2, 3);
    assertArrayEquals(new long[] {4, 5, 4, 0, 0, 1}, tally.counts());
    assertFalse(tally.clean());
  }

  @Test
  void numberedTextsAreRead() {
    assertEquals(12_345, Numbered.number(Numbered.text(12_345)));
    assertEquals(-1, Numbered.number("12345"));
    assertEquals(-1, Numbered.number(Numbered.text(5).replaceFirst("5", "6")));
  }

  @Test
  void reportsAndSamplesAreReadAsWritten() {
    came(0, 1, 1, 3);
    assertArrayEquals(tally.counts(), Tally.parse(tally.line()).counts());
    Sample sample = new Sample(1L << 40, 2, 3, 4);
    assertEquals(sample, Sample.parse(sample.line()));
  }
}
