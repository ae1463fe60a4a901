package io.culvert;

import io.culvert.connection.Connection;
import io.culvert.connection.Resumption;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import java.net.SocketAddress;
import java.time.Instant;
import java.util.Map;

/**
 * Something has happened to a connection. Immutable.
 *
 * @param connectionId the connection's id
 * @param metadata what the dialer said about itself
 * @param remoteAddress the peer's address, null if it is not known
 * @param at when it happened
 * @param code why it ended; {@link ErrorCode#CONNECTION_LOST} in {@link Type#DETACHED}, else
 *     NO_ERROR
 * @param reason for people; empty in {@link Type#RECEIVED} and {@link Type#RESUMED}
 * @param resumption in {@link Type#RESUMED} for how long it was detached, and how much this side
 *     sends again; else null
 */
public record ConnectionEvent(
    Type type,
    String connectionId,
    Map<String, String> metadata,
    SocketAddress remoteAddress,
    Instant at,
    ErrorCode code,
    String reason,
    Resumption resumption) {

  /** What has happened. */
  public enum Type {
    /** The handshake is complete: the first event of a connection, on either side. */
    RECEIVED,
    /** It has lost its WebSocket: what is under way stands still until RESUMED or the end. */
    DETACHED,
    /** A new WebSocket carries it, and nothing is lost. */
    RESUMED,
    /** Either side has ended the connection in an orderly way: its last event. */
    CLOSED,
    /** The connection has broken: its last event. */
    FAILED
  }

  /** The event of an established connection. */
  public static ConnectionEvent received(Connection connection) {
    return of(Type.RECEIVED, connection, ErrorCode.NO_ERROR, "", null);
  }

  /** The event of a connection that has lost its WebSocket. */
  public static ConnectionEvent detached(Connection connection, String reason) {
    return of(Type.DETACHED, connection, ErrorCode.CONNECTION_LOST, reason, null);
  }

  /** The event of a connection that has a WebSocket again. */
  public static ConnectionEvent resumed(Connection connection, Resumption resumption) {
    return of(Type.RESUMED, connection, ErrorCode.NO_ERROR, "", resumption);
  }

  /** The event of a connection that has ended. */
  public static ConnectionEvent ended(Connection connection, EngineEnd end) {
    Type type = end.orderly() ? Type.CLOSED : Type.FAILED;
    return of(type, connection, end.code(), end.reason(), null);
  }

  private static ConnectionEvent of(
      Type type, Connection connection, ErrorCode code, String reason, Resumption resumption) {
    return new ConnectionEvent(
        type,
        connection.id(),
        connection.metadata(),
        connection.remoteAddress(),
        Instant.now(),
        code,
        reason,
        resumption);
  }
}
