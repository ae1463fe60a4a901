package io.culvert.websocket;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Listens for WebSockets on one address. Thread-safe. */
public interface WebSocketAcceptor extends AutoCloseable {

  /**
   * Binds the address and starts to accept. Returns when the address is bound.
   *
   * @param handler decides about each upgrade
   * @throws IOException if the address cannot be bound; the message names it
   * @throws IllegalStateException if the acceptor was started before
   */
  void start(UpgradeHandler handler) throws IOException;

  /**
   * The bound address, with the real port when port 0 was asked for.
   *
   * @throws IllegalStateException before {@link #start}
   */
  InetSocketAddress address();

  /** Stops listening. WebSockets that are open stay open. Idempotent. */
  void stopListening();

  /**
   * Stops listening and aborts every WebSocket that is still open; returns when all threads of the
   * acceptor have ended, at the latest after 10 seconds. Idempotent. Owners that want an orderly
   * end close their WebSockets first.
   */
  @Override
  void close();

  /** Bounds of an acceptor; adapters take one in their constructor. */
  record Limits(int maxMessageBytes, Duration upgradeTimeout) {}
}
