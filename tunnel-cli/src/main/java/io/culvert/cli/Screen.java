package io.culvert.cli;

import io.culvert.cli.ScreenState.Request;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** An agent's screen as lines of text: a function of what is shown and how large it is. */
final class Screen {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final String CUT = "…";

  private Screen() {}

  /**
   * The lines, at most {@code rows} of at most {@code columns} characters, with nothing in them
   * that a terminal acts on.
   *
   * @param now for ages
   * @param zone for times of day
   */
  static List<String> lines(ScreenState state, Instant now, ZoneId zone, int columns, int rows) {
    List<String> lines = new ArrayList<>();
    lines.add("culvert  " + state.name() + "  " + state.url());
    lines.add("");
    String age = Figures.age(Duration.between(state.since(), now));
    lines.add(row("state", state.state() + " for " + age));
    lines.add(row("relay", state.relay() + latency(state)));
    lines.add(row("serves", state.upstream()));
    lines.add(row("reconnects", String.valueOf(state.reconnects())));
    lines.add(row("requests", requests(state)));
    lines.add("");
    for (Request request : state.latest()) {
      lines.add(line(request, zone));
    }
    return lines.stream().limit(rows).map(line -> fit(line, columns)).toList();
  }

  private static String row(String label, String value) {
    return String.format("  %-11s%s", label, value);
  }

  private static String latency(ScreenState state) {
    return state.roundTrip().isZero()
        ? ""
        : ", " + Figures.millis(state.roundTrip().toNanos() / 1e6) + " away";
  }

  private static String requests(ScreenState state) {
    return state.total() == 0
        ? "none yet"
        : state.total()
            + ", half within "
            + Figures.millis(state.p50())
            + ", nine of ten within "
            + Figures.millis(state.p90());
  }

  private static String line(Request request, ZoneId zone) {
    return String.format(
        Locale.ROOT,
        "  %s  %3s  %8s  %-7s %s",
        TIME.format(request.at().atZone(zone)),
        request.status() == 0 ? "-" : request.status(),
        Figures.millis(request.millis()),
        request.method(),
        request.path());
  }

  /** Cut at the end of the terminal's line, since a longer one would push all others down. */
  private static String fit(String line, int columns) {
    String shown = Figures.printable(line).stripTrailing();
    return shown.length() <= columns ? shown : shown.substring(0, Math.max(0, columns - 1)) + CUT;
  }
}
