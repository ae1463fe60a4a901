package io.culvert.relay.route;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.util.Attributes;

/** What is known about a public request on its way: attributes of the request. */
public final class Routed {
  private static final String ID = "io.culvert.relay.id";
  private static final String NAME = "io.culvert.relay.name";
  private static final String CONSUMED = "io.culvert.relay.authorization";
  private static final String AGENT = "io.culvert.relay.agent";
  private static final String STATUS = "io.culvert.relay.status";
  private static final String CODE = "io.culvert.relay.code";
  private static final String UPGRADED = "io.culvert.relay.upgraded";

  /** Tells requests of one process from those of another; says nothing about either. */
  private static final String PROCESS =
      Integer.toString(ThreadLocalRandom.current().nextInt(36 * 36 * 36 * 36 * 36), 36) + "-";

  private static final AtomicLong COUNT = new AtomicLong();

  private Routed() {}

  /**
   * What answers, logs and agents call the request: made when it is asked for first, unique, and no
   * secret.
   */
  public static String id(Attributes request) {
    if (request.getAttribute(ID) instanceof String known) {
      return known;
    }
    String id = PROCESS + Long.toString(COUNT.incrementAndGet(), 36);
    request.setAttribute(ID, id);
    return id;
  }

  /** The name that the request is for; empty if it is for none. */
  public static Optional<String> name(Attributes request) {
    return request.getAttribute(NAME) instanceof String name ? Optional.of(name) : Optional.empty();
  }

  /** To be set by who has found it out. */
  public static void name(Attributes request, String name) {
    request.setAttribute(NAME, name);
  }

  /** Whether {@code Authorization} was for the relay, and is not to be passed on. */
  public static boolean authorizationConsumed(Attributes request) {
    return request.getAttribute(CONSUMED) != null;
  }

  /** To be set by who has let the request in for its {@code Authorization}. */
  public static void consumeAuthorization(Attributes request) {
    request.setAttribute(CONSUMED, true);
  }

  /** The agent that the request has gone to last; empty if it went to none. */
  public static Optional<AgentLink> agent(Attributes request) {
    return request.getAttribute(AGENT) instanceof AgentLink agent
        ? Optional.of(agent)
        : Optional.empty();
  }

  /** To be set by who sends it there. */
  public static void agent(Attributes request, AgentLink agent) {
    request.setAttribute(AGENT, agent);
  }

  /** Of the problem that the request ended with; empty if it ended well. */
  public static String code(Attributes request) {
    return request.getAttribute(CODE) instanceof String code ? code : "";
  }

  /** To be set by who ends it, also if the client cannot be told any more; the first one stays. */
  public static void code(Attributes request, String code) {
    if (request.getAttribute(CODE) == null) {
      request.setAttribute(CODE, code);
    }
  }

  /** What is recorded instead of the response's status; empty if nothing else is. */
  public static Optional<Integer> status(Attributes request) {
    return Optional.ofNullable((Integer) request.getAttribute(STATUS));
  }

  /** To be set by who knows that the client has not got the response. */
  public static void status(Attributes request, int status) {
    request.setAttribute(STATUS, status);
  }

  /** Completed when the bytes after an upgrade have ended; empty if there is no upgrade. */
  public static Optional<CompletableFuture<Upgraded>> upgraded(Attributes request) {
    @SuppressWarnings("unchecked")
    CompletableFuture<Upgraded> end = (CompletableFuture<Upgraded>) request.getAttribute(UPGRADED);
    return Optional.ofNullable(end);
  }

  /** To be set before the request is answered with 101, and completed in any case. */
  public static void upgraded(Attributes request, CompletableFuture<Upgraded> end) {
    request.setAttribute(UPGRADED, end);
  }
}
