package io.culvert.relay.route;

import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** One agent of a name, from its handshake to its end. Equal only to itself. Thread-safe. */
public interface AgentLink {

  /** The name that it serves. */
  String name();

  /** Whose agent it is. */
  String identity();

  /** Which of the agents of its name it is. */
  String agentId();

  /** The connection, for what one may ask about it; streams are opened by {@link #open}. */
  StreamConnection connection();

  /** Whether its upstream speaks HTTP/2 without TLS, instead of HTTP/1.1. */
  boolean h2c();

  /** What is to be sent as Host, or {@code :authority}; empty for what the client has sent. */
  Optional<String> hostHeader();

  /** Whether it has a WebSocket now and takes streams. */
  boolean attached();

  /** Whether it has ended, or its right to serve has. */
  boolean ended();

  /**
   * Opens a stream to the agent's upstream.
   *
   * @param purpose one of the values of {@link io.culvert.rendezvous.Rendezvous#PURPOSE}
   * @param timeout how long to wait for stream credit
   * @throws io.culvert.connection.TunnelException as {@link StreamConnection#open}, or if the right
   *     to serve the name has ended: {@code FORBIDDEN}, not delivered
   */
  TunnelStream open(String purpose, Duration timeout) throws IOException;

  /** An exchange goes to it; to be followed by one {@link #finished}. */
  void began();

  /** The exchange is over. */
  void finished();

  /** Exchanges that have begun and not finished. */
  int outstanding();
}
