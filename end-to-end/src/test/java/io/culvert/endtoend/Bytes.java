package io.culvert.endtoend;

import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A long body whose every byte is known from its place, without memory for it. */
final class Bytes extends InputStream {
  private final long length;
  private long at;

  Bytes(long length) {
    this.length = length;
  }

  @Override
  public int read() {
    return at == length ? -1 : content(at++) & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int count) {
    if (at == length) {
      return -1;
    }
    int bytes = (int) Math.min(count, length - at);
    for (int i = 0; i < bytes; i++) {
      target[offset + i] = content(at++);
    }
    return bytes;
  }

  private static byte content(long at) {
    return (byte) (at * 31 + (at >> 8) * 17 + (at >> 20));
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JDK has it
    }
  }

  /** Length and SHA-256 of what comes, as {@code 123 ab12...}. */
  static String digest(InputStream in) throws java.io.IOException {
    MessageDigest digest = sha256();
    byte[] chunk = new byte[64 * 1024];
    long length = 0;
    for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
      digest.update(chunk, 0, n);
      length += n;
    }
    return length + " " + HexFormat.of().formatHex(digest.digest());
  }
}
