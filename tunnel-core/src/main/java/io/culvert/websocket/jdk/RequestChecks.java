package io.culvert.websocket.jdk;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeHeaders;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** What the JDK would refuse or, worse, leave out in silence. */
final class RequestChecks {
  static final String PROXY_AUTHORIZATION = "Proxy-Authorization";

  /** Schemes of proxy credentials that the JDK leaves out, separated by commas. */
  static final String DISABLED_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

  /** The JDK's WebSocket sets these itself. */
  private static final Set<String> OF_THE_UPGRADE =
      Set.of(
          "sec-websocket-accept",
          "sec-websocket-extensions",
          "sec-websocket-key",
          "sec-websocket-protocol",
          "sec-websocket-version");

  private RequestChecks() {}

  /**
   * @throws IllegalArgumentException if a header may not be sent
   * @throws UnsupportedOperationException if the proxy cannot be used
   */
  static void check(DialRequest request) {
    UpgradeHeaders.check(request.headers());
    request.headers().keySet().forEach(RequestChecks::checkName);
    if (request.proxy().type() == Proxy.Type.SOCKS) {
      throw new UnsupportedOperationException(
          "java.net.http knows no SOCKS proxies: use JavaWebSocketDialer, or an HTTP proxy");
    }
    if (request.proxyAuthorization() != null) {
      UpgradeHeaders.check(Map.of(PROXY_AUTHORIZATION, request.proxyAuthorization()));
      checkScheme(request.proxyAuthorization());
    }
  }

  private static void checkName(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.startsWith("proxy-")) {
      throw new IllegalArgumentException(
          "java.net.http sends no header "
              + name
              + " to a server; for a proxy's credentials there"
              + " is proxyAuthorization");
    }
    if (OF_THE_UPGRADE.contains(lower) || restricted(name)) {
      throw new IllegalArgumentException(
          "java.net.http sets the header " + name + " itself: leave it out");
    }
  }

  /** As the JDK sees it, which has a system property to allow some of them. */
  private static boolean restricted(String name) {
    try {
      HttpRequest.newBuilder().header(name, "x");
      return false;
    } catch (IllegalArgumentException e) {
      return true;
    }
  }

  private static void checkScheme(String authorization) {
    String scheme = authorization.strip().split(" ", 2)[0];
    String disabled = netProperty(DISABLED_SCHEMES);
    if (Arrays.stream(disabled.split(",", -1)).anyMatch(s -> s.strip().equalsIgnoreCase(scheme))) {
      throw new UnsupportedOperationException(
          "java.net.http would not send the proxy its credentials, because "
              + DISABLED_SCHEMES
              + " is \""
              + disabled
              + "\": start the JVM with -D"
              + DISABLED_SCHEMES
              + "= (nothing after the equals sign), or use JavaWebSocketDialer");
    }
  }

  /** A system property, or what the JDK's own file has for it; empty if neither does. */
  private static String netProperty(String name) {
    String value = System.getProperty(name);
    if (value != null) {
      return value;
    }
    Properties defaults = new Properties();
    Path file = Path.of(System.getProperty("java.home"), "conf", "net.properties");
    try (InputStream in = Files.newInputStream(file)) {
      defaults.load(in);
    } catch (IOException e) {
      // The JDK does without it, too.
    }
    return defaults.getProperty(name, "");
  }
}
