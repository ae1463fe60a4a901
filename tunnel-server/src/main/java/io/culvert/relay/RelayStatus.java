package io.culvert.relay;

import io.culvert.connection.LinkStatistics;
import io.culvert.relay.route.Health;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What a relay has and does at one moment. Immutable.
 *
 * @param version of this library; {@code development} outside a release
 * @param startedAt when the relay began to listen
 * @param links what happened to all WebSockets since then
 * @param connections those that are there, by name
 */
public record RelayStatus(
    String version, Instant startedAt, LinkStatistics links, List<ConnectionStatus> connections) {
  public RelayStatus {
    connections = List.copyOf(connections);
  }

  /** What a connection is for. */
  public enum Role {
    /** Serves the name. */
    AGENT,
    /** Uses the name. */
    CALLER
  }

  /**
   * One connection.
   *
   * @param name that it serves or uses
   * @param agentId empty if it is a caller's
   * @param identity whose credential it has shown
   * @param connectionId the same on both sides
   * @param remoteAddress host and port; empty if it is not known
   * @param since when its handshake was done
   * @param attached whether it has a WebSocket now
   * @param roundTrip the latest measured one; zero if none was
   * @param outstanding exchanges, of a caller streams, that have begun and not ended
   * @param exchanges those that are over
   * @param received bytes of their requests
   * @param sent bytes of their responses
   * @param health of the service behind an agent; of a caller always good
   * @param links what happened to its WebSockets
   */
  public record ConnectionStatus(
      Role role,
      String name,
      String agentId,
      String identity,
      String connectionId,
      String remoteAddress,
      Instant since,
      boolean attached,
      Duration roundTrip,
      int outstanding,
      long exchanges,
      long received,
      long sent,
      Health health,
      LinkStatistics links) {}
}
