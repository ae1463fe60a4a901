package io.culvert.relay.access;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.spec.KeySpec;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password as a file holds it: PBKDF2 with HMAC-SHA256, which every JDK has, as {@code
 * pbkdf2$ITERATIONS$SALT$HASH} with salt and hash in hex. Immutable.
 */
final class PasswordHash {
  /** What OWASP recommends for PBKDF2-HMAC-SHA256 since 2023: some tenths of a second. */
  static final int ITERATIONS = 600_000;

  static final int MIN_ITERATIONS = 100_000;

  /** Seconds of one processor for each attempt: more serves only who wants to keep it busy. */
  static final int MAX_ITERATIONS = 5_000_000;

  static final int MAX_PASSWORD = 1_024;

  private static final int SALT_BYTES = 16;
  private static final int HASH_BYTES = 32;
  private static final Pattern FORM =
      Pattern.compile(
          "pbkdf2\\$([1-9][0-9]{0,8})\\$((?:[0-9a-fA-F]{2}){16,64})\\$([0-9a-fA-F]{64})");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final int iterations;
  private final byte[] salt;
  private final byte[] hash;

  private PasswordHash(int iterations, byte[] salt, byte[] hash) {
    this.iterations = iterations;
    this.salt = salt;
    this.hash = hash;
  }

  /** Hashes a password of 1 to {@link #MAX_PASSWORD} characters with a new salt. */
  static PasswordHash of(String password, int iterations) {
    if (!possible(password)) {
      throw new IllegalArgumentException(
          "expected a password of 1 to "
              + MAX_PASSWORD
              + " characters, but got "
              + password.length());
    }
    byte[] salt = new byte[SALT_BYTES];
    RANDOM.nextBytes(salt);
    return new PasswordHash(iterations, salt, derive(password, salt, iterations));
  }

  /** The hash of no password that anybody knows, as costly to compare with as another one. */
  static PasswordHash unknown(PasswordHash likeThis) {
    byte[] random = new byte[SALT_BYTES + HASH_BYTES];
    RANDOM.nextBytes(random);
    return new PasswordHash(
        likeThis.iterations,
        java.util.Arrays.copyOf(random, SALT_BYTES),
        java.util.Arrays.copyOfRange(random, SALT_BYTES, random.length));
  }

  /** Reads what {@link #text} writes; the error quotes nothing of it. */
  static PasswordHash parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "expected pbkdf2$ITERATIONS$SALT$HASH as a password, with 16 to 64 bytes of salt and 32 of"
              + " hash in hex, but got "
              + text.length()
              + " characters");
    }
    int iterations = Integer.parseInt(form.group(1));
    if (iterations < MIN_ITERATIONS || iterations > MAX_ITERATIONS) {
      throw new IllegalArgumentException(
          "expected "
              + MIN_ITERATIONS
              + " to "
              + MAX_ITERATIONS
              + " iterations, but got "
              + iterations);
    }
    HexFormat hex = HexFormat.of();
    return new PasswordHash(iterations, hex.parseHex(form.group(2)), hex.parseHex(form.group(3)));
  }

  /** Whether somebody's password can be this at all. */
  static boolean possible(String password) {
    return !password.isEmpty() && password.length() <= MAX_PASSWORD;
  }

  /** Whether it is this {@link #possible} password. Takes long. */
  boolean matches(String password) {
    return MessageDigest.isEqual(hash, derive(password, salt, iterations));
  }

  private static byte[] derive(String password, byte[] salt, int iterations) {
    KeySpec key = new PBEKeySpec(password.toCharArray(), salt, iterations, HASH_BYTES * 8);
    try {
      return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(key).getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has PBKDF2WithHmacSHA256", e);
    }
  }

  /** For a file. */
  String text() {
    HexFormat hex = HexFormat.of();
    return "pbkdf2$" + iterations + "$" + hex.formatHex(salt) + "$" + hex.formatHex(hash);
  }

  @Override
  public String toString() {
    return "a hash of " + iterations + " iterations";
  }
}
