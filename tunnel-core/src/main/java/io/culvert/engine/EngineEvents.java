package io.culvert.engine;

import io.culvert.stream.StreamEvents;

/**
 * What an engine tells whoever drives it. Called in the middle of a state change, with the driver's
 * lock held: implementations take note and return; they must not call the engine.
 */
public interface EngineEvents extends StreamEvents {
  /** The handshake is complete. At most once. */
  void established();

  /** Acceptor: WELCOME is due. From here on the connection has an id and can be resumed by it. */
  void welcoming(String connectionId);

  /** The link has lost its WebSocket, which is of no use any more, and waits for another one. */
  void detached(String reason);

  /**
   * The WebSocket that was to carry the link is of no use; the link waits for another one. Without
   * {@link #detached} before it, it was a move that failed: the WebSocket before was fenced when it
   * began, and is of no use either.
   */
  void resumeFailed(String reason);

  /**
   * A new WebSocket carries the link.
   *
   * @param outageNanos how long it had none
   * @param packets how many packets this side sends again
   * @param bytes the bytes of these
   */
  void resumed(long outageNanos, int packets, long bytes);

  /** A PING of the peer has come, with its application data. */
  void pinged(byte[] data);

  /** A PONG has come, with the application data of the PING. */
  void ponged(byte[] data, long roundTripNanos);

  /** The peer takes no new streams. At most once. */
  void peerGoingAway();

  /** The connection is over; every stream has had its events. Exactly once, the last event. */
  void ended(EngineEnd end);
}
