package io.culvert.cli;

import io.culvert.agent.Agent;
import io.culvert.agent.AgentStatus;
import io.culvert.agent.Upstream;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.eclipse.jetty.server.Handler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An agent from its start to a signal. */
final class LiveAgent {
  private static final Logger LOG = LoggerFactory.getLogger(LiveAgent.class);

  private LiveAgent() {}

  @SuppressWarnings("try") // the screen does its work without being asked
  static int run(AgentSettings settings, Optional<Terminal> screen, Lifetime lifetime) {
    try (LocalServer local = local(settings)) {
      LatestRequests latest = new LatestRequests();
      try (Agent agent = start(settings, local, latest);
          LiveScreen shown = show(settings, screen, agent, latest)) {
        Dialing.endWith(lifetime, agent::awaitEnd);
        return lifetime.await();
      }
    }
  }

  /** What serves a directory or a document; null if the service is somebody else's. */
  private static LocalServer local(AgentSettings settings) {
    Handler handler =
        settings
            .serve()
            .map(FileHandler::of)
            .or(() -> settings.openapi().map(OpenApiHandler::of))
            .orElse(null);
    return handler == null ? null : LocalServer.start(handler);
  }

  private static Agent start(AgentSettings settings, LocalServer local, LatestRequests latest) {
    DialSettings dial = settings.dial();
    try {
      Agent.Builder builder =
          Agent.builder(dial.relay().toString(), dial.name(), upstream(settings, local))
              .onRequest(latest::add);
      Dialing.apply(dial, builder);
      settings.id().ifPresent(builder::agentId);
      settings.hostHeader().ifPresent(builder::hostHeader);
      if (!settings.health().isZero()) {
        builder.healthCheck(settings.health());
      }
      LOG.info("Serving {} as {} through {}", settings.source(), dial.name(), dial.relay());
      return builder.start();
    } catch (IllegalArgumentException | IOException e) {
      throw CliException.usage(e.getMessage());
    }
  }

  private static Upstream upstream(AgentSettings settings, LocalServer local) throws IOException {
    String url = local == null ? settings.to().orElseThrow().toString() : local.url().toString();
    Upstream upstream = Upstream.parse(url).connectTimeout(settings.connectTimeout());
    if (settings.upstreamCa().isPresent()) {
      upstream = upstream.trust(settings.upstreamCa().get());
    }
    return settings.insecureUpstream() ? upstream.insecure() : upstream;
  }

  /** Null without a terminal. */
  private static LiveScreen show(
      AgentSettings settings, Optional<Terminal> screen, Agent agent, LatestRequests latest) {
    Instant started = Instant.now();
    return screen
        .map(
            terminal ->
                LiveScreen.open(terminal, () -> state(settings, agent.status(), latest, started)))
        .orElse(null);
  }

  private static ScreenState state(
      AgentSettings settings, AgentStatus status, LatestRequests latest, Instant started) {
    String health = status.reason().isEmpty() ? "" : " (" + status.reason() + ")";
    return new ScreenState(
        settings.dial().name(),
        status.url(),
        settings.dial().relay().toString(),
        settings.source() + health,
        status.connected() ? "connected" : "connecting",
        status.connected(),
        status.since() == null ? started : status.since(),
        status.roundTrip(),
        status.reconnects(),
        latest.total(),
        latest.millisOf(0.5),
        latest.millisOf(0.9),
        latest.latest());
  }
}
