package io.culvert.engine;

import io.culvert.stream.StreamEvents;

/**
 * What an engine tells whoever drives it. Called in the middle of a state change, with the driver's
 * lock held: implementations take note and return; they must not call the engine.
 */
public interface EngineEvents extends StreamEvents {
  /** The handshake is complete. At most once. */
  void established();

  /** A PING of the peer has come, with its application data. */
  void pinged(byte[] data);

  /** A PONG has come, with the application data of the PING. */
  void ponged(byte[] data, long roundTripNanos);

  /** The peer takes no new streams. At most once. */
  void peerGoingAway();

  /** The connection is over; every stream has had its events. Exactly once, the last event. */
  void ended(EngineEnd end);
}
