package io.culvert.websocket;

import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import javax.net.ssl.SSLContext;

/**
 * Where and how to dial. Immutable.
 *
 * @param uri {@code ws://} or {@code wss://}
 * @param headers further headers of the upgrade request; may hold secrets, so {@link #toString}
 *     shows only their names
 * @param subprotocol the one subprotocol to offer, which the peer must choose; null offers none
 * @param timeout for name lookup, connect, proxy, TLS and upgrade together
 * @param sslContext for {@code wss}; null means the JVM's default
 * @param proxy an HTTP proxy that is asked to CONNECT, a SOCKS proxy, or {@link Proxy#NO_PROXY}
 * @param proxyAuthorization value of the {@code Proxy-Authorization} header for an HTTP proxy, or
 *     null
 * @param maxMessageBytes a longer incoming message ends the WebSocket with code 1009
 */
public record DialRequest(
    URI uri,
    Map<String, String> headers,
    String subprotocol,
    Duration timeout,
    SSLContext sslContext,
    Proxy proxy,
    String proxyAuthorization,
    int maxMessageBytes) {

  /**
   * @throws IllegalArgumentException if the scheme is neither {@code ws} nor {@code wss}, there is
   *     no host, the port is none, a bound is not positive, or a setting of TLS or the proxy would
   *     not be in force
   */
  public DialRequest {
    Objects.requireNonNull(proxy, "proxy");
    String fault = fault(uri);
    if (fault != null) {
      throw new IllegalArgumentException(
          "expected a URL like ws://host:port or wss://host, but got one " + fault);
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout must be positive, but is " + timeout);
    }
    if (sslContext != null && !"wss".equalsIgnoreCase(uri.getScheme())) {
      throw new IllegalArgumentException(
          "TLS settings are of no use for a ws:// URL: dial wss://, or leave them out");
    }
    if (proxyAuthorization != null && proxy.type() != Proxy.Type.HTTP) {
      throw new IllegalArgumentException(
          "proxy credentials need an HTTP proxy, but the proxy is " + proxy.type());
    }
    if (maxMessageBytes <= 0) {
      throw new IllegalArgumentException("maxMessageBytes must be positive");
    }
    headers = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(headers));
  }

  /** The same with one header more, or with another value of it. */
  public DialRequest withHeader(String name, String value) {
    Map<String, String> all = new LinkedHashMap<>(headers);
    all.put(name, value);
    return new DialRequest(
        uri, all, subprotocol, timeout, sslContext, proxy, proxyAuthorization, maxMessageBytes);
  }

  /** Whether the URL asks for TLS. */
  public boolean secure() {
    return "wss".equalsIgnoreCase(uri.getScheme());
  }

  /** What keeps the URL from being dialed, or null; quotes nothing that may be a secret. */
  private static String fault(URI uri) {
    String scheme = uri.getScheme();
    if (scheme == null) {
      return "without a scheme";
    }
    if (!scheme.equalsIgnoreCase("ws") && !scheme.equalsIgnoreCase("wss")) {
      return "with the scheme " + scheme;
    }
    if (uri.getHost() == null) {
      return "without a host";
    }
    if (uri.getFragment() != null) {
      return "with a fragment, which a WebSocket URL may not have";
    }
    return uri.getPort() > 65_535 ? "with the port " + uri.getPort() : null;
  }

  @Override
  public String toString() {
    return "DialRequest[" + withoutUserInfo(uri) + ", headers=" + headers.keySet() + "]";
  }

  /** Scheme, host, port and path only: user info and query may hold secrets. */
  private static String withoutUserInfo(URI uri) {
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    return uri.getScheme() + "://" + uri.getHost() + port + path;
  }
}
