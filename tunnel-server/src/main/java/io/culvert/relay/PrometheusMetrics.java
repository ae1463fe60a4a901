package io.culvert.relay;

import io.culvert.connection.LinkStatistics;
import io.culvert.relay.RelayStatus.ConnectionStatus;
import io.culvert.relay.RelayStatus.Role;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * The figures, by Micrometer. A name has series of its own only if an agent has served it, and only
 * the first {@link #MAX_NAMES} do: strangers choose hosts. Thread-safe.
 */
final class PrometheusMetrics implements RelayMetrics {
  /** Names with series of their own; all others are {@code other}. */
  static final int MAX_NAMES = 200;

  private static final String NAME = "name";
  private static final String OTHER = "other";
  private static final String NOBODY = "none";

  private static final Duration[] LATENCIES = {
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Supplier<RelayStatus> status;
  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final MultiGauge roundTrips;

  /** What the gauges show: gathered once for a scrape. */
  private volatile RelayStatus shown;

  PrometheusMetrics(Supplier<RelayStatus> status) {
    this.status = status;
    roundTrips =
        MultiGauge.builder("culvert.round.trip")
            .description("the longest latest round trip of a name's agents")
            .baseUnit("seconds")
            .register(registry);
    gauge("culvert.agents", "agents that are there", c -> c.role() == Role.AGENT);
    gauge("culvert.callers", "callers that are there", c -> c.role() == Role.CALLER);
    gauge("culvert.links.detached", "connections without a WebSocket", c -> !c.attached());
    gauge(
        "culvert.agents.unhealthy",
        "agents whose service does not answer",
        c -> !c.health().healthy());
    Gauge.builder(
            "culvert.streams",
            this,
            m -> m.shown.connections().stream().mapToInt(ConnectionStatus::outstanding).sum())
        .description("exchanges and streams of callers that run")
        .register(registry);
    link("culvert.links.cuts", "connections lost their WebSocket", LinkStatistics::cuts);
    link("culvert.links.resumes", "connections got another WebSocket", LinkStatistics::resumes);
    link("culvert.links.expired", "connections got none in time", LinkStatistics::expired);
    link("culvert.links.replayed.bytes", "bytes sent again", LinkStatistics::replayedBytes);
  }

  private void gauge(String name, String description, Predicate<ConnectionStatus> which) {
    Gauge.builder(name, this, m -> m.shown.connections().stream().filter(which).count())
        .description(description)
        .register(registry);
  }

  private void link(String name, String description, ToDoubleFunction<LinkStatistics> figure) {
    FunctionCounter.builder(name, this, m -> figure.applyAsDouble(m.shown.links()))
        .description(description)
        .register(registry);
  }

  @Override
  public void accept(RequestRecord request) {
    String name = request.agentId().isEmpty() ? NOBODY : label(request.name());
    Timer.builder("culvert.requests")
        .description("public requests that are over")
        .tags(Tags.of(NAME, name, "status", statusClass(request.status())))
        .serviceLevelObjectives(LATENCIES)
        .register(registry)
        .record(request.duration());
    bytes(name, "http", request.received(), request.sent());
  }

  @Override
  public void bridged(String name, long received, long sent) {
    bytes(label(name), "bridge", received, sent);
  }

  private void bytes(String name, String kind, long received, long sent) {
    bytes(name, kind, "received").increment((double) Math.max(0, received));
    bytes(name, kind, "sent").increment((double) Math.max(0, sent));
  }

  private Counter bytes(String name, String kind, String direction) {
    return Counter.builder("culvert.bytes")
        .description("bytes of requests received and of responses sent")
        .tags(Tags.of(NAME, name, "kind", kind, "direction", direction))
        .register(registry);
  }

  @Override
  public void refused(int code) {
    Counter.builder("culvert.refusals")
        .description("agents and callers that were not let in")
        .tags(Tags.of("reason", reason(code)))
        .register(registry)
        .increment();
  }

  private static String reason(int code) {
    return switch (code) {
      case 400 -> "malformed";
      case 401 -> "unauthenticated";
      case 403 -> "forbidden";
      case 409 -> "taken";
      case 503 -> "full";
      default -> "other";
    };
  }

  private static String statusClass(int status) {
    return status >= 100 && status < 600 ? status / 100 + "xx" : "none";
  }

  private String label(String name) {
    if (names.contains(name)) {
      return name;
    }
    synchronized (names) { // or two would pass the limit
      return names.size() < MAX_NAMES && names.add(name) ? name : OTHER;
    }
  }

  @Override
  public synchronized String text() {
    shown = status.get();
    Map<String, Double> longest =
        shown.connections().stream()
            .filter(c -> c.role() == Role.AGENT)
            .collect(
                Collectors.toMap(
                    c -> label(c.name()), c -> c.roundTrip().toNanos() / 1e9, Math::max));
    List<Row<?>> rows =
        longest.entrySet().stream()
            .<Row<?>>map(e -> Row.of(Tags.of(NAME, e.getKey()), e.getValue()))
            .toList();
    roundTrips.register(rows, true);
    return registry.scrape();
  }

  @Override
  public void close() {
    registry.close();
  }
}
