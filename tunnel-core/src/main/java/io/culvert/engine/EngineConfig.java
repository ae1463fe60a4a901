package io.culvert.engine;

import io.culvert.frame.Wire;
import io.culvert.stream.StreamLimits;

/**
 * Bounds and times of one side of a connection. Times are nanoseconds, sizes bytes.
 *
 * @param streams bounds of the streams
 * @param replayBuffer SEQ packets that the peer has not acknowledged; when it is full, writers wait
 * @param transit what may be handed to the WebSocket and not be written yet
 * @param heartbeatIdle silence before a PING; 0 switches the heartbeat off
 * @param heartbeatTimeout further silence before the socket counts as dead
 * @param handshakeTimeout how long the handshake may take from the WebSocket's opening
 * @param resumeTime how long a connection without a WebSocket is kept; 0: it ends with its
 *     WebSocket
 * @param metadataLimit largest metadata that an acceptor takes
 * @param pingData application data of this side's PINGs, at most {@link Wire#MAX_PING_DATA} bytes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record EngineConfig(
    StreamLimits streams,
    int replayBuffer,
    int transit,
    long heartbeatIdle,
    long heartbeatTimeout,
    long handshakeTimeout,
    long resumeTime,
    int metadataLimit,
    byte[] pingData) {

  private static final long SECOND = 1_000_000_000;

  /**
   * 16 MiB replay, 128 KiB in transit, heartbeat 15 s + 10 s, handshake 10 s, resume 60 s, metadata
   * 16 KiB.
   */
  public static final EngineConfig DEFAULT =
      new EngineConfig(
          StreamLimits.DEFAULT,
          16 * 1024 * 1024,
          128 * 1024,
          15 * SECOND,
          10 * SECOND,
          10 * SECOND,
          60 * SECOND,
          16 * 1024,
          new byte[0]);

  /** Checks the bounds. */
  public EngineConfig {
    if (pingData.length > Wire.MAX_PING_DATA) {
      throw new IllegalArgumentException(
          "ping data may have " + Wire.MAX_PING_DATA + " bytes, but has " + pingData.length);
    }
    if (replayBuffer <= 0 || transit < Wire.MAX_PACKET || metadataLimit < 0) {
      throw new IllegalArgumentException(
          "replayBuffer must be positive and transit at least " + Wire.MAX_PACKET);
    }
    if (heartbeatIdle < 0
        || resumeTime < 0
        || handshakeTimeout <= 0
        || (heartbeatIdle > 0 && heartbeatTimeout <= 0)) {
      throw new IllegalArgumentException(
          "times must be positive; heartbeatIdle and resumeTime may be 0");
    }
  }

  /** The same, but a connection ends with its WebSocket. */
  public EngineConfig withoutResume() {
    return new EngineConfig(
        streams,
        replayBuffer,
        transit,
        heartbeatIdle,
        heartbeatTimeout,
        handshakeTimeout,
        0,
        metadataLimit,
        pingData);
  }

  /** {@link #resumeTime} in whole seconds, at least one unless it is 0, as the handshake has it. */
  int resumeSeconds() {
    return (int) Math.min((resumeTime + SECOND - 1) / SECOND, Integer.MAX_VALUE);
  }
}
