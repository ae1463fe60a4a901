package io.culvert.demo;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The photo of a pet. Immutable: it owns the bytes it is made of. */
final class StoredPhoto {
  private final byte[] bytes;
  private final byte[] sha256;
  private final String mediaType;
  private final String caption;

  /**
   * Takes over {@code bytes}; the caller must not write to them any more.
   *
   * @param caption null if there is none
   */
  StoredPhoto(byte[] bytes, String mediaType, String caption) {
    this.bytes = bytes;
    this.sha256 = sha256(bytes);
    this.mediaType = mediaType;
    this.caption = caption;
  }

  int size() {
    return bytes.length;
  }

  byte[] sha256() {
    return sha256.clone();
  }

  String mediaType() {
    return mediaType;
  }

  /** The caption, or null. */
  String caption() {
    return caption;
  }

  void writeTo(OutputStream out) throws IOException {
    out.write(bytes);
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
