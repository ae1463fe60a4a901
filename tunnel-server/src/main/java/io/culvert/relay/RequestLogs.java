package io.culvert.relay;

import io.culvert.relay.route.Agent;
import io.culvert.relay.route.AgentLink;
import io.culvert.relay.route.Routed;
import io.culvert.relay.route.Upgraded;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.RequestLog;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.NanoTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a {@link RequestRecord} of each public request that is over, and tells who wants it. */
final class RequestLogs implements RequestLog {
  /** One line for each request, at level INFO. Its name is part of the API. */
  private static final Logger ACCESS = LoggerFactory.getLogger("io.culvert.relay.access");

  private static final Logger LOG = LoggerFactory.getLogger(RequestLogs.class);

  private final Predicate<Request> ours;
  private final List<Consumer<? super RequestRecord>> listeners;

  /**
   * @param ours which requests of the server are public ones
   * @param listeners are told of each; must not block
   */
  RequestLogs(Predicate<Request> ours, List<Consumer<? super RequestRecord>> listeners) {
    this.ours = ours;
    this.listeners = List.copyOf(listeners);
  }

  @Override
  public void log(Request request, Response response) {
    if (!ours.test(request)) {
      return;
    }
    RequestRecord done = record(request, response);
    Optional<Agent> agent =
        Routed.agent(request).filter(Agent.class::isInstance).map(Agent.class::cast);
    Routed.upgraded(request)
        .ifPresentOrElse(
            // The request is gone by then, the record is not.
            end -> tellAtTheEnd(done, end, agent),
            () -> tell(done, agent));
  }

  private void tellAtTheEnd(
      RequestRecord upgrade, CompletableFuture<Upgraded> end, Optional<Agent> agent) {
    var ignored = end.thenAccept(bytes -> tell(after(upgrade, bytes), agent));
  }

  private void tell(RequestRecord done, Optional<Agent> agent) {
    agent.ifPresent(to -> to.traffic().add(done.received(), done.sent()));
    for (Consumer<? super RequestRecord> listener : listeners) {
      try {
        listener.accept(done);
      } catch (RuntimeException e) {
        LOG.warn("A listener to requests has failed", e);
      }
    }
    ACCESS.info(
        "{} {} \"{} {}{}\" {} {}ms in={} out={} name={} agent={} code={}",
        done.id(),
        done.remote(),
        done.method(),
        done.host(),
        done.path(),
        done.status(),
        done.duration().toMillis(),
        done.received(),
        done.sent(),
        done.name().isEmpty() ? "-" : done.name(),
        done.agentId().isEmpty() ? "-" : done.agentId(),
        done.code().isEmpty() ? "-" : done.code());
  }

  private static RequestRecord record(Request request, Response response) {
    HttpURI uri = request.getHttpURI();
    Optional<AgentLink> agent = Routed.agent(request);
    return new RequestRecord(
        Routed.id(request),
        Instant.ofEpochMilli(Request.getTimeStamp(request)),
        Routed.name(request).orElse(""),
        agent.map(AgentLink::agentId).orElse(""),
        agent.map(link -> link.connection().id()).orElse(""),
        oneWord(request.getMethod()),
        oneWord(uri == null ? null : uri.getHost()),
        oneWord(uri == null ? null : uri.getPath()),
        Routed.status(request).orElseGet(response::getStatus),
        Routed.code(request),
        Duration.ofNanos(NanoTime.since(request.getBeginNanoTime())),
        Request.getContentBytesRead(request),
        Response.getContentBytesWritten(response),
        oneWord(Request.getRemoteAddr(request)));
  }

  private static RequestRecord after(RequestRecord upgrade, Upgraded bytes) {
    return new RequestRecord(
        upgrade.id(),
        upgrade.time(),
        upgrade.name(),
        upgrade.agentId(),
        upgrade.connectionId(),
        upgrade.method(),
        upgrade.host(),
        upgrade.path(),
        upgrade.status(),
        bytes.code(),
        Duration.between(upgrade.time(), Instant.now()),
        upgrade.received() + bytes.received(),
        upgrade.sent() + bytes.sent(),
        upgrade.remote());
  }

  /** What is malformed is logged too, and must not look like another line. */
  private static String oneWord(String text) {
    return text == null ? "" : text.replaceAll("[\\p{Cntrl}\\s\"]", "?");
  }
}
