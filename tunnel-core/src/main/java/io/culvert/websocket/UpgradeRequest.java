package io.culvert.websocket;

import java.net.SocketAddress;
import java.util.List;

/** The HTTP request that asks for a WebSocket. */
public interface UpgradeRequest {

  /** Path and query as sent, such as {@code /tunnel?x=1}. */
  String target();

  /** The value of a header, or null; names are case-insensitive. */
  String header(String name);

  /** The subprotocols that the dialer offers, in its order; empty if none. */
  List<String> subprotocols();

  /** The dialer's address as the socket sees it. */
  SocketAddress remoteAddress();

  /** Whether the request came over TLS. */
  boolean secure();
}
