package io.culvert.server;

import io.culvert.SocketConnection;
import io.culvert.frame.ErrorCode;

/**
 * Is told what becomes of connections. Calls for one connection come in the order of what happens
 * and never overlap; they may block, which delays only this connection's later callbacks.
 */
public interface ConnectionWatcher {
  /** Is told nothing. */
  ConnectionWatcher NONE = new ConnectionWatcher() {};

  /** It has lost its WebSocket and is kept. */
  default void detached(SocketConnection connection) {}

  /** It has a WebSocket again, or another one. */
  default void resumed(SocketConnection connection) {}

  /**
   * It is over. Exactly once, the last call.
   *
   * @param reason for people
   */
  default void ended(SocketConnection connection, ErrorCode code, String reason) {}
}
