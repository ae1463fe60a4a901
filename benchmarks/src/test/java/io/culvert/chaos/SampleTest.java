package io.culvert.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class SampleTest {
  private static final Sample FIRST = new Sample(100, 10, 20, 30);
  private static final Sample TOLERANCE = new Sample(5, 4, 3, 2);

  @Test
  void whatIsWithinTheToleranceHasNotGrown() {
    assertFalse(FIRST.exceededBy(new Sample(105, 14, 23, 32), TOLERANCE));
    assertFalse(FIRST.exceededBy(new Sample(1, 1, 1, 1), TOLERANCE));
  }

  @Test
  void growthOfAnythingIsSeen() {
    for (Sample grown :
        List.of(
            new Sample(106, 10, 20, 30),
            new Sample(100, 15, 20, 30),
            new Sample(100, 10, 24, 30),
            new Sample(100, 10, 20, 33))) {
      assertTrue(FIRST.exceededBy(grown, TOLERANCE), grown::line);
    }
  }

  @Test
  void theLeastOfEachCounts() {
    assertEquals(new Sample(1, 2, 3, 4), new Sample(1, 9, 3, 9).least(new Sample(9, 2, 9, 4)));
  }
}
