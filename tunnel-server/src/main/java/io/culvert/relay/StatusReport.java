package io.culvert.relay;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import io.culvert.SocketConnection;
import io.culvert.relay.RelayStatus.ConnectionStatus;
import io.culvert.relay.RelayStatus.Role;
import io.culvert.relay.route.Agent;
import io.culvert.relay.route.AgentClaim;
import io.culvert.relay.route.Health;
import io.culvert.relay.route.Traffic;
import io.culvert.server.TunnelServer;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Gathers the {@link RelayStatus}. Thread-safe. */
final class StatusReport {
  /** Durations are milliseconds, to the microsecond. */
  private static final Gson GSON =
      new GsonBuilder()
          .registerTypeAdapter(
              Instant.class,
              (JsonSerializer<Instant>) (at, type, context) -> new JsonPrimitive(at.toString()))
          .registerTypeAdapter(
              Duration.class,
              (JsonSerializer<Duration>)
                  (time, type, context) -> new JsonPrimitive(Math.rint(time.toNanos() / 1e3) / 1e3))
          .create();

  private static final Health GOOD = new Health(true, "");

  private final TunnelServer tunnels;
  private final Presence presence;
  private final Instant startedAt;

  StatusReport(TunnelServer tunnels, Presence presence, Instant startedAt) {
    this.tunnels = tunnels;
    this.presence = presence;
    this.startedAt = startedAt;
  }

  static JsonElement json(RelayStatus status) {
    return GSON.toJsonTree(status);
  }

  RelayStatus now() {
    List<ConnectionStatus> connections =
        tunnels.connections().stream()
            .flatMap(connection -> of(connection).stream())
            .sorted(
                Comparator.comparing(ConnectionStatus::name)
                    .thenComparing(ConnectionStatus::role)
                    .thenComparing(ConnectionStatus::agentId)
                    .thenComparing(ConnectionStatus::since))
            .toList();
    return new RelayStatus(version(), startedAt, tunnels.linkStatistics(), connections);
  }

  static String version() {
    String known = Relay.class.getPackage().getImplementationVersion();
    return known == null ? "development" : known;
  }

  /** Empty if it has just come or is just going. */
  private Optional<ConnectionStatus> of(SocketConnection connection) {
    return connection.attachment() instanceof AgentClaim
        ? presence.agent(connection.id()).map(agent -> of(connection, agent))
        : presence.caller(connection.id()).map(caller -> of(connection, caller));
  }

  private static ConnectionStatus of(SocketConnection connection, Agent agent) {
    Traffic traffic = agent.traffic();
    return new ConnectionStatus(
        Role.AGENT,
        agent.name(),
        agent.agentId(),
        agent.identity(),
        connection.id(),
        text(connection.remoteAddress()),
        agent.since(),
        agent.attached(),
        connection.roundTrip(),
        agent.outstanding(),
        traffic.exchanges(),
        traffic.received(),
        traffic.sent(),
        agent.health(),
        connection.linkStatistics());
  }

  private static ConnectionStatus of(SocketConnection connection, Caller caller) {
    Traffic traffic = caller.traffic();
    return new ConnectionStatus(
        Role.CALLER,
        caller.claim().name(),
        "",
        caller.claim().grant().identity(),
        connection.id(),
        text(connection.remoteAddress()),
        caller.since(),
        !connection.detached(),
        connection.roundTrip(),
        caller.outstanding().get(),
        traffic.exchanges(),
        traffic.received(),
        traffic.sent(),
        GOOD,
        connection.linkStatistics());
  }

  private static String text(SocketAddress address) {
    if (address instanceof InetSocketAddress internet) {
      String host = internet.getAddress().getHostAddress();
      return (host.contains(":") ? "[" + host + "]" : host) + ":" + internet.getPort();
    }
    return address == null ? "" : address.toString();
  }
}
