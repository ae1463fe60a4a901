package io.culvert.connection;

import io.culvert.engine.EngineEnd;
import java.time.Duration;

/**
 * What happens to a connection. Callbacks of one connection never overlap and come in the order of
 * the events; they run on the runtime's executor, so they may block, which delays only this
 * connection's later callbacks.
 */
public interface ConnectionListener {

  /** The handshake is complete. At most once, the first callback. */
  default void established(Connection connection) {}

  /**
   * The connection has lost its WebSocket and is kept. A dialer gives it another one; see {@link
   * Connection#nextSocket}.
   */
  default void detached(Connection connection, String reason) {}

  /** The WebSocket that was to carry the connection again did not; it waits for another one. */
  default void resumeFailed(Connection connection, String reason) {}

  /** A new WebSocket carries the connection, after it had lost one or was moved. */
  default void resumed(Connection connection, Resumption resumption) {}

  /**
   * A PING of the peer has come. While callbacks are slow, surplus pings and pongs are not
   * reported.
   *
   * @param data its application data
   */
  default void pinged(Connection connection, byte[] data) {}

  /** The answer to a PING of this side has come. */
  default void ponged(Connection connection, byte[] data, Duration roundTrip) {}

  /** The peer takes no new streams and will end the connection. At most once. */
  default void peerGoingAway(Connection connection) {}

  /** The connection is over. Exactly once, the last callback. */
  default void ended(Connection connection, EngineEnd end) {}
}
