package io.culvert.cli;

import java.time.Duration;
import java.util.Locale;

/** Figures and strangers' text, for people. */
final class Figures {
  private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB"};
  private static final int UNIT = 1024;

  private Figures() {}

  /** Such as 12 B, 3.4 KiB, 120 MiB. */
  static String bytes(long count) {
    double value = count;
    int unit = 0;
    while (value >= UNIT && unit < UNITS.length - 1) {
      value /= UNIT;
      unit++;
    }
    String digits = unit > 0 && value < 100 ? "%.1f %s" : "%.0f %s";
    return String.format(Locale.ROOT, digits, value, UNITS[unit]);
  }

  /** Such as 0.4 ms, 12 ms, 3.1 s. */
  static String millis(double millis) {
    if (millis >= 1000) {
      return String.format(Locale.ROOT, "%.1f s", millis / 1000);
    }
    return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
  }

  /** The two largest units, such as 3d 4h, 5m 12s, 7s. */
  static String age(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 60) {
      return seconds + "s";
    }
    if (seconds < 3600) {
      return seconds / 60 + "m " + seconds % 60 + "s";
    }
    if (seconds < 86_400) {
      return seconds / 3600 + "h " + seconds % 3600 / 60 + "m";
    }
    return seconds / 86_400 + "d " + seconds % 86_400 / 3600 + "h";
  }

  /**
   * The text with what a terminal would act on as \xNN or &#92;uNNNN: control characters, and
   * characters that change the direction of writing.
   */
  static String printable(String text) {
    StringBuilder shown = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (acts(c)) {
                shown.append(String.format(c < 0x100 ? "\\x%02x" : "\\u%04x", c));
              } else {
                shown.appendCodePoint(c);
              }
            });
    return shown.toString();
  }

  private static boolean acts(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.FORMAT
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.SURROGATE
        || type == Character.UNASSIGNED;
  }
}
