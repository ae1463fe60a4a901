package io.culvert.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.cli.ScreenState.Request;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an agent's screen looks like. */
final class ScreenTest {
  private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");

  private static final ScreenState BUSY =
      new ScreenState(
          "pets",
          "http://pets.localhost:8080",
          "ws://localhost:8080",
          "http://localhost:3000, healthy",
          "connected",
          true,
          NOW.minusSeconds(75),
          Duration.ofNanos(1_234_567),
          2,
          1234,
          3.21,
          45.6,
          List.of(
              new Request(NOW.minusSeconds(1), "GET", "/pets?limit=10", 200, 3.4),
              new Request(NOW.minusSeconds(2), "DELETE", "/pets/1", 204, 12.6),
              new Request(NOW.minusSeconds(62), "POST", "/slow", 0, 3_100)));

  @Test
  void allThereIsToSeeFits() {
    assertEquals(
        """
        culvert  pets  http://pets.localhost:8080

          state      connected for 1m 15s
          relay      ws://localhost:8080, 1.2 ms away
          serves     http://localhost:3000, healthy
          reconnects 2
          requests   1234, half within 3.2 ms, nine of ten within 46 ms

          11:59:59  200    3.4 ms  GET     /pets?limit=10
          11:59:58  204     13 ms  DELETE  /pets/1
          11:58:58    -     3.1 s  POST    /slow
        """,
        text(BUSY, 80, 24));
  }

  @Test
  void aSmallTerminalShowsWhatMattersMost() {
    assertEquals(
        """
        culvert  pets  http:…

          state      connect…
        """,
        text(BUSY, 21, 3));
  }

  @Test
  void beforeTheFirstRequestItSaysSo() {
    ScreenState idle =
        new ScreenState(
            "pets", "", "ws://h", "x", "dialing", false, NOW, Duration.ZERO, 0, 0, 0, 0, List.of());
    assertEquals(
        """
        culvert  pets

          state      dialing for 0s
          relay      ws://h
          serves     x
          reconnects 0
          requests   none yet
        """,
        text(idle, 80, 24).replaceFirst("\n\n$", "\n"));
  }

  @Test
  void nothingThatATerminalActsOnGetsThroughWhateverIsInAPath() {
    String path = "/a\u001b]0;x\u0007\r\n\u009b2J\u202etxt";
    ScreenState state =
        new ScreenState(
            "pets",
            "",
            "",
            "",
            "",
            true,
            NOW,
            Duration.ZERO,
            0,
            1,
            1,
            1,
            List.of(new Request(NOW, "GET", path, 200, 1)));
    String text = text(state, 120, 24);
    assertTrue(text.contains("/a\\x1b]0;x\\x07\\x0d\\x0a\\x9b2J\\u202etxt"), text);
    assertFalse(text.replace("\n", "").chars().anyMatch(Character::isISOControl));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "2,5", "10,2", "40,9", "200,60"})
  void noLineAndNoScreenIsLargerThanTheTerminal(int columns, int rows) {
    List<String> lines = Screen.lines(BUSY, NOW, ZoneOffset.UTC, columns, rows);
    assertTrue(lines.size() <= rows);
    lines.forEach(line -> assertTrue(line.length() <= columns, line));
  }

  @Test
  void aFrameReplacesEachLineAndClearsOnlyWhatIsBelow() {
    assertEquals(
        "\u001b[?2026h\u001b[H\u001b[1ma\u001b[0m\u001b[K\r\nb\u001b[K\u001b[J\u001b[?2026l",
        LiveScreen.frame(List.of("a", "b")));
  }

  private static String text(ScreenState state, int columns, int rows) {
    return String.join("\n", Screen.lines(state, NOW, ZoneOffset.UTC, columns, rows)) + "\n";
  }
}
