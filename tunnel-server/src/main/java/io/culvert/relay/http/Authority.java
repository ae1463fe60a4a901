package io.culvert.relay.http;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A host and a port as Host, {@code :authority} and absolute URLs have them, without user
 * information (RFC 9110 section 7.2).
 *
 * @param host in lower case; an IPv6 address in brackets
 * @param port 1 to 65535; 0 if it is not given
 */
record Authority(String host, int port) {
  // Underscores are no letters of host names, but there are hosts that have them.
  private static final Pattern SYNTAX =
      Pattern.compile("([A-Za-z0-9._-]{1,255}|\\[[0-9A-Fa-f:.]{2,45}])(?::([0-9]{1,5}))?");

  /** Reads it; empty if it is malformed. */
  static Optional<Authority> parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String digits = matcher.group(2);
    int port = digits == null ? 0 : Integer.parseInt(digits);
    if (digits != null && (port == 0 || port > 65_535)) {
      return Optional.empty();
    }
    return Optional.of(new Authority(matcher.group(1).toLowerCase(Locale.ROOT), port));
  }

  /** The port, or that of the scheme if none is given. */
  int portFor(String scheme) {
    if (port != 0) {
      return port;
    }
    return scheme.equals("https") ? 443 : 80;
  }
}
