package io.culvert.agent;

import io.culvert.client.TunnelClient;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The proxy on the way to a relay. Immutable.
 *
 * <p>Its credentials are in no {@link #toString} and no error.
 */
public final class ProxySettings {
  private final Proxy.Type type;
  private final String host;
  private final int port;

  /** User and password, as one text; null for none. */
  private final String user;

  private final String password;

  private ProxySettings(Proxy.Type type, String host, int port, String user, String password) {
    this.type = type;
    this.host = host;
    this.port = port;
    this.user = user;
    this.password = password;
  }

  /**
   * Reads a proxy's URL.
   *
   * @param url {@code http://[user:password@]host[:port]}, asked to CONNECT, port 1080 if there is
   *     none, as for curl; or {@code socks5://host[:port]}; {@code host:port} alone is HTTP
   * @throws IllegalArgumentException if it is neither; quotes nothing that may be a secret
   */
  public static ProxySettings parse(String url) {
    URI uri = uri(url.contains("://") ? url : "http://" + url);
    String scheme = uri.getScheme().toLowerCase(Locale.ROOT);
    Proxy.Type type =
        switch (scheme) {
          case "http" -> Proxy.Type.HTTP;
          case "socks5", "socks5h", "socks" -> Proxy.Type.SOCKS;
          default -> throw wrong("its scheme is '" + scheme + "'");
        };
    if (uri.getHost() == null) {
      throw wrong("it has no host");
    }
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    if (!(path.isEmpty() || path.equals("/")) || uri.getRawQuery() != null) {
      throw wrong("it has a path");
    }
    String[] credentials = credentials(uri.getRawUserInfo());
    if (credentials[0] != null && type == Proxy.Type.SOCKS) {
      throw wrong("it has credentials, which are supported for HTTP proxies only");
    }
    int port = uri.getPort() < 0 ? 1080 : uri.getPort();
    return new ProxySettings(type, uri.getHost(), port, credentials[0], credentials[1]);
  }

  private static URI uri(String text) {
    try {
      return new URI(text);
    } catch (URISyntaxException e) {
      throw wrong("there is a character in it that must be written as %XX");
    }
  }

  private static String[] credentials(String userInfo) {
    if (userInfo == null) {
      return new String[2];
    }
    int colon = userInfo.indexOf(':');
    String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
    return new String[] {decode(user), colon < 0 ? "" : decode(userInfo.substring(colon + 1))};
  }

  private static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(
        "expected a proxy like http://host:port or socks5://host:port, but " + what);
  }

  /**
   * What the environment says about the way to that URL, with the variables that curl reads: {@code
   * https_proxy} for {@code wss}, {@code http_proxy} (lower case only) for {@code ws}, {@code
   * all_proxy} if there is none, and {@code no_proxy}; upper case too, but for http_proxy.
   *
   * @return empty if it is to be dialed directly
   * @throws IllegalArgumentException if the variable that counts holds no proxy; names it
   */
  public static Optional<ProxySettings> fromEnvironment(
      Map<String, String> environment, String relayUrl) {
    URI relay = URI.create(relayUrl);
    if (relay.getHost() == null || bypassed(environment, relay.getHost())) {
      return Optional.empty();
    }
    String[] variables =
        "wss".equalsIgnoreCase(relay.getScheme())
            ? new String[] {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}
            // HTTP_PROXY may come from a request's header Proxy where CGI is spoken.
            : new String[] {"http_proxy", "all_proxy", "ALL_PROXY"};
    for (String variable : variables) {
      String value = environment.get(variable);
      if (value != null && !value.isBlank()) {
        return Optional.of(named(variable, value.strip()));
      }
    }
    return Optional.empty();
  }

  private static ProxySettings named(String variable, String value) {
    try {
      return parse(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(variable + ": " + e.getMessage(), e);
    }
  }

  private static boolean bypassed(Map<String, String> environment, String host) {
    String list = environment.getOrDefault("no_proxy", environment.getOrDefault("NO_PROXY", ""));
    return NoProxy.parse(list).covers(host);
  }

  /** Puts it into force. */
  public void applyTo(TunnelClient.Builder client) {
    client.proxy(new Proxy(type, InetSocketAddress.createUnresolved(host, port)));
    if (user != null) {
      client.proxyCredentials(user, password);
    }
  }

  /** Scheme, host and port. */
  @Override
  public String toString() {
    return (type == Proxy.Type.HTTP ? "http://" : "socks5://") + host + ":" + port;
  }
}
