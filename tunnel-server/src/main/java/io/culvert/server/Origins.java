package io.culvert.server;

import io.culvert.websocket.UpgradeRequest;
import java.net.URI;
import java.net.URISyntaxException;

/**
 * Whether a dialer is a page of this very host, or no page at all. A swaggersocket needs no
 * subprotocol, so any page of any site could otherwise have its visitor's browser dial one.
 */
final class Origins {
  private Origins() {}

  /** True without an {@code Origin}, or with one whose host and port are those of {@code Host}. */
  static boolean same(UpgradeRequest request) {
    String origin = request.header("Origin");
    if (origin == null) {
      return true;
    }
    try {
      String authority = new URI(origin).getRawAuthority();
      return authority != null && authority.equalsIgnoreCase(request.header("Host"));
    } catch (URISyntaxException e) {
      return false;
    }
  }
}
