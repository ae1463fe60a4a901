package io.culvert;

import io.culvert.connection.Connection;
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
 * @param code why it ended; NO_ERROR in {@link Type#RECEIVED}
 * @param reason for people; empty in {@link Type#RECEIVED}
 */
public record ConnectionEvent(
    Type type,
    String connectionId,
    Map<String, String> metadata,
    SocketAddress remoteAddress,
    Instant at,
    ErrorCode code,
    String reason) {

  /** What has happened. */
  public enum Type {
    /** The handshake is complete: the first event of a connection, on either side. */
    RECEIVED,
    /** Either side has ended the connection in an orderly way: its last event. */
    CLOSED,
    /** The connection has broken: its last event. */
    FAILED
  }

  /** The event of an established connection. */
  public static ConnectionEvent received(Connection connection) {
    return of(Type.RECEIVED, connection, ErrorCode.NO_ERROR, "");
  }

  /** The event of a connection that has ended. */
  public static ConnectionEvent ended(Connection connection, EngineEnd end) {
    return of(end.orderly() ? Type.CLOSED : Type.FAILED, connection, end.code(), end.reason());
  }

  private static ConnectionEvent of(
      Type type, Connection connection, ErrorCode code, String reason) {
    return new ConnectionEvent(
        type,
        connection.id(),
        connection.metadata(),
        connection.remoteAddress(),
        Instant.now(),
        code,
        reason);
  }
}
