package io.culvert.chaos;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.SplittableRandom;

/** Bytes that both sides can compute, so that neither has to remember what it sent. */
final class Numbered {
  private static final int MAX_BODY = 16 * 1024;
  private static final int MAX_TEXT = 512;

  private Numbered() {}

  /** The body of the POST with this number. */
  static byte[] body(long seed, int number) {
    SplittableRandom random = new SplittableRandom(seed ^ (number * 0x9E3779B97F4A7C15L));
    byte[] body = new byte[random.nextInt(MAX_BODY)];
    random.nextBytes(body);
    return body;
  }

  /** A text that begins with this number, is of any length and holds nothing but digits. */
  static String text(int number) {
    return number + " " + "0123456789".repeat(1 + Math.floorMod(number * 31, MAX_TEXT / 10));
  }

  /** The number of such a text; -1 if it is none, or is damaged. */
  static int number(String text) {
    int space = text.indexOf(' ');
    try {
      int number = Integer.parseInt(text.substring(0, Math.max(0, space)));
      return text.equals(text(number)) ? number : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
