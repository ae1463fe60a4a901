package io.culvert.relay;

import java.util.Optional;

/** Reads the Authorization header of RFC 6750 section 2.1. */
final class Bearer {
  private static final String SCHEME = "Bearer ";

  private Bearer() {}

  /** The token; empty if the header is absent (null), of another scheme, or without a token. */
  static Optional<String> token(String authorization) {
    if (authorization == null
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      return Optional.empty();
    }
    String token = authorization.substring(SCHEME.length()).strip();
    return token.isEmpty() ? Optional.empty() : Optional.of(token);
  }
}
