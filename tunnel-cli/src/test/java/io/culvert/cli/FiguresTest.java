package io.culvert.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Figures as people read them. */
final class FiguresTest {
  @ParameterizedTest
  @CsvSource({"0,0 B", "1023,1023 B", "1024,1.0 KiB", "153600,150 KiB", "1073741824,1.0 GiB"})
  void bytesHaveAUnit(long count, String text) {
    assertEquals(text, Figures.bytes(count));
  }

  @ParameterizedTest
  @CsvSource({"0,0.0 ms", "9.94,9.9 ms", "10,10 ms", "999,999 ms", "1500,1.5 s"})
  void timesHaveAUnit(double millis, String text) {
    assertEquals(text, Figures.millis(millis));
  }

  @ParameterizedTest
  @CsvSource({"-5,0s", "59,59s", "61,1m 1s", "3661,1h 1m", "90061,1d 1h"})
  void agesHaveTwoUnits(long seconds, String text) {
    assertEquals(text, Figures.age(Duration.ofSeconds(seconds)));
  }
}
