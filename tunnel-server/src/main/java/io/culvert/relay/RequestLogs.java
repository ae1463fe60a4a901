package io.culvert.relay;

import io.culvert.relay.route.Agent;
import io.culvert.relay.route.AgentLink;
import io.culvert.relay.route.Routed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
    Routed.agent(request)
        .filter(Agent.class::isInstance)
        .map(Agent.class::cast)
        .ifPresent(agent -> agent.traffic().add(done.received(), done.sent()));
    for (Consumer<? super RequestRecord> listener : listeners) {
      try {
        listener.accept(done);
      } catch (RuntimeException e) {
        LOG.warn("A listener to requests has failed", e);
      }
    }
    ACCESS.info(
        "{} {} \"{} {}{}\" {} {}ms in={} out={} name={} agent={}",
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
        done.agentId().isEmpty() ? "-" : done.agentId());
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
        response.getStatus(),
        Duration.ofNanos(NanoTime.since(request.getBeginNanoTime())),
        Request.getContentBytesRead(request),
        Response.getContentBytesWritten(response),
        oneWord(Request.getRemoteAddr(request)));
  }

  /** What is malformed is logged too, and must not look like another line. */
  private static String oneWord(String text) {
    return text == null ? "" : text.replaceAll("[\\p{Cntrl}\\s\"]", "?");
  }
}
