package io.culvert.relay.access;

import java.util.Optional;

/** Reads the values of {@code Authorization} (RFC 9110 section 11.4). */
final class Schemes {
  private Schemes() {}

  /** What comes after the scheme, whose case does not matter; empty if it is another scheme. */
  static Optional<String> credential(String scheme, String authorization) {
    String start = scheme + " ";
    if (!authorization.regionMatches(true, 0, start, 0, start.length())) {
      return Optional.empty();
    }
    String credential = authorization.substring(start.length()).strip();
    return credential.isEmpty() ? Optional.empty() : Optional.of(credential);
  }
}
