package io.culvert.websocket;

/**
 * Makes a server's acceptor, and so decides which WebSocket library it uses: the constructor of an
 * adapter's acceptor is one. Thread-safe.
 */
@FunctionalInterface
public interface WebSocketAcceptorFactory {

  /** A new acceptor, not started. */
  WebSocketAcceptor acceptor(ListenRequest request);

  /**
   * Whether somebody else's HTTP server listens, and hands WebSocket upgrades to the acceptor. Then
   * address, TLS and the time limit for upgrades are that server's affair.
   */
  default boolean hosted() {
    return false;
  }
}
