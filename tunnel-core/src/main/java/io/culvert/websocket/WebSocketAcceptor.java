package io.culvert.websocket;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;

/**
 * Takes WebSockets: listens on one address of its own, or is hosted by somebody else's HTTP server
 * (see {@link WebSocketAcceptorFactory#hosted}). Thread-safe.
 */
public interface WebSocketAcceptor extends AutoCloseable {

  /**
   * Binds the address and starts to accept. Returns when the address is bound. A hosted acceptor
   * only starts to accept; upgrades before that are answered with 503.
   *
   * @param handler decides about each upgrade
   * @throws IOException if the address cannot be bound; the message names it
   * @throws IllegalStateException if the acceptor was started before
   */
  void start(UpgradeHandler handler) throws IOException;

  /**
   * The bound address, with the real port when port 0 was asked for.
   *
   * @throws IllegalStateException before {@link #start}, and if the acceptor is hosted
   */
  InetSocketAddress address();

  /** What the library cannot do; unmodifiable, the same at every call. */
  default Set<Feature> missing() {
    return Set.of();
  }

  /**
   * Stops listening; a hosted acceptor answers upgrades with 503 from here on. WebSockets that are
   * open stay open. Idempotent.
   */
  void stopListening();

  /**
   * Stops listening and aborts every WebSocket that is still open; returns when all threads of the
   * acceptor have ended, at the latest after 10 seconds. Idempotent. Owners that want an orderly
   * end close their WebSockets first.
   */
  @Override
  void close();

  /**
   * What dialers may do.
   *
   * @param maxMessageBytes a longer message ends its WebSocket with code 1009
   * @param upgradeTimeout how long a socket may take for TLS and the upgrade together
   */
  record Limits(int maxMessageBytes, Duration upgradeTimeout) {}
}
