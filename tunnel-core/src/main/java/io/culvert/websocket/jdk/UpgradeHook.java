package io.culvert.websocket.jdk;

import java.net.CookieHandler;
import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * Learns of the answer to the upgrade before the JDK goes on with it. It keeps no cookies: those of
 * the request are in its headers.
 */
final class UpgradeHook extends CookieHandler {
  private final Runnable onUpgrade;

  /**
   * @param onUpgrade run on the thread that has read the answer, if that looks like an upgrade
   */
  UpgradeHook(Runnable onUpgrade) {
    this.onUpgrade = onUpgrade;
  }

  @Override
  public Map<String, List<String>> get(URI uri, Map<String, List<String>> requestHeaders) {
    return Map.of();
  }

  @Override
  public void put(URI uri, Map<String, List<String>> responseHeaders) {
    // Other answers have a body, which is still to be read.
    if (responseHeaders.keySet().stream().anyMatch("Sec-WebSocket-Accept"::equalsIgnoreCase)) {
      onUpgrade.run();
    }
  }
}
