package io.culvert.agent;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a service is.
 *
 * @param scheme of {@link Upstream#parse}
 * @param host a name, an IPv4 address, or an IPv6 address without brackets; empty for a Unix socket
 * @param port 0 for a Unix socket
 * @param path absolute, of a Unix socket
 */
record UpstreamAddress(String scheme, String host, int port, Optional<Path> path) {
  private static final String EXPECTED =
      "expected an upstream like http://localhost:3000, https://host, h2c://host:port or"
          + " unix:/path/to.sock, but ";

  /** 0: it has to be said. */
  private static final Map<String, Integer> DEFAULT_PORTS =
      Map.of("http", 80, "https", 443, "h2c", 0);

  private static final Pattern SCHEME = Pattern.compile("([a-z0-9+.-]+)://(.*)");

  /** java.net.URI takes no underscore, which names in container networks have. */
  private static final Pattern AUTHORITY =
      Pattern.compile("(?:\\[([0-9a-fA-F:.]+)]|([A-Za-z0-9._-]+))(?::([0-9]{1,5}))?");

  static UpstreamAddress parse(String text) {
    for (String unix : new String[] {"unix", "unix+h2c"}) {
      if (text.startsWith(unix + ":")) {
        return unix(unix, text.substring(unix.length() + 1));
      }
    }
    Matcher parts = SCHEME.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          EXPECTED
              + (AUTHORITY.matcher(text).matches() ? "the scheme is missing" : "it is no URL"));
    }
    String scheme = parts.group(1).toLowerCase(Locale.ROOT);
    if (!DEFAULT_PORTS.containsKey(scheme)) {
      throw new IllegalArgumentException(EXPECTED + "the scheme is '" + scheme + "'");
    }
    return tcp(scheme, withoutSlash(parts.group(2)));
  }

  /** One slash at the end is how browsers show a URL without a path. */
  private static String withoutSlash(String rest) {
    return rest.endsWith("/") && rest.indexOf('/') == rest.length() - 1
        ? rest.substring(0, rest.length() - 1)
        : rest;
  }

  private static UpstreamAddress tcp(String scheme, String rest) {
    if (rest.contains("@")) {
      throw new IllegalArgumentException(
          EXPECTED + "it has credentials: the agent sends none, whoever calls has to");
    }
    if (rest.contains("?") || rest.contains("#")) {
      throw new IllegalArgumentException(
          EXPECTED + "it has a query or fragment: the agent does not change requests");
    }
    if (rest.contains("/")) {
      throw new IllegalArgumentException(
          EXPECTED + "it has a path: the agent passes on the path of each request as it is");
    }
    Matcher parts = AUTHORITY.matcher(rest);
    if (!parts.matches()) {
      throw new IllegalArgumentException(EXPECTED + "after the scheme comes no host[:port]");
    }
    String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
    int port =
        parts.group(3) == null ? DEFAULT_PORTS.get(scheme) : Integer.parseInt(parts.group(3));
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          EXPECTED + (parts.group(3) == null ? "the port is missing" : "the port is " + port));
    }
    return new UpstreamAddress(scheme, host.toLowerCase(Locale.ROOT), port, Optional.empty());
  }

  private static UpstreamAddress unix(String scheme, String rest) {
    Path path = path(rest.startsWith("//") ? rest.substring(2) : rest);
    if (path == null || !path.isAbsolute()) {
      throw new IllegalArgumentException(
          EXPECTED + "after '" + scheme + ":' comes no absolute path of a socket");
    }
    return new UpstreamAddress(scheme, "", 0, Optional.of(path));
  }

  private static Path path(String text) {
    try {
      return Path.of(text).normalize();
    } catch (InvalidPathException e) {
      return null;
    }
  }

  boolean tls() {
    return scheme.equals("https");
  }

  boolean h2c() {
    return scheme.endsWith("h2c");
  }

  /** See {@link Upstream#authority}. */
  String authority() {
    if (path.isPresent()) {
      return "localhost";
    }
    String name = host.contains(":") ? "[" + host + "]" : host;
    return DEFAULT_PORTS.get(scheme) == port ? name : name + ":" + port;
  }

  @Override
  public String toString() {
    return path.map(p -> scheme + ":" + p).orElseGet(() -> scheme + "://" + authority());
  }
}
