package io.culvert.relay.route;

import io.culvert.SocketConnection;
import io.culvert.connection.StreamConnection;
import io.culvert.frame.ErrorCode;

/** The connection of an agent, as far as routing needs it. Thread-safe. */
public interface AgentConnection {

  /** Its streams and its identity. */
  StreamConnection streams();

  /** Whether it has a WebSocket now and takes streams. */
  boolean attached();

  /** Ends it and tells the peer why. Does not wait. Idempotent. */
  void close(ErrorCode code, String reason);

  /** That of an established connection. */
  static AgentConnection of(SocketConnection connection) {
    return new AgentConnection() {
      @Override
      public StreamConnection streams() {
        return connection.streams();
      }

      @Override
      public boolean attached() {
        return !connection.detached() && connection.isOpen();
      }

      @Override
      public void close(ErrorCode code, String reason) {
        connection.close(code, reason);
      }
    };
  }
}
