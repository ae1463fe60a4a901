package io.culvert.relay.http;

import io.culvert.relay.route.AgentLink;
import io.culvert.relay.route.Agents;
import io.culvert.relay.route.Routed;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Sends each request to an agent of the name that it is for, and the response back, both as they
 * come: nothing is gathered, and neither size nor duration has a limit here. A request that has
 * provably not been delivered goes to another agent, if its body is not gone; any other failure is
 * the client's to see. Takes every request that has a name. Thread-safe.
 *
 * <p>{@code CONNECT} and extended CONNECT are to be refused before; what else comes from an HTTP/2
 * client arrives as from any other.
 */
public final class ForwardingHandler extends Handler.Abstract {
  /** Field of the request to the service: what the log calls the request. */
  public static final String REQUEST_ID_FIELD = "X-Request-Id";

  /** How long a request waits for an agent that was there not long ago. */
  public static final Duration AGENT_WAIT = Duration.ofSeconds(10);

  private final Function<Request, Optional<String>> names;
  private final Agents agents;
  private final HeaderPolicy policy;
  private final ProblemWriter problems;
  private final Duration agentWait;
  private final Executor executor;
  private final HttpClient http1;
  private final HttpClient h2c;

  private ForwardingHandler(Builder builder) {
    names = builder.names;
    agents = builder.agents;
    policy = builder.policy;
    problems = builder.problems;
    agentWait = builder.agentWait;
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName("culvert-relay-http");
    threads.setReservedThreads(0);
    executor = threads;
    http1 = StreamClients.http1(threads);
    h2c = StreamClients.h2c(threads);
    installBean(threads);
    installBean(http1);
    installBean(h2c);
  }

  /**
   * What it needs.
   *
   * @param names the name that a request is for; empty: the request is somebody else's
   * @param agents who serves the names
   * @param policy what is changed in requests and responses
   */
  public static Builder builder(
      Function<Request, Optional<String>> names, Agents agents, HeaderPolicy policy) {
    return new Builder(names, agents, policy);
  }

  /** Options; {@link #build} copies them. */
  public static final class Builder {
    private final Function<Request, Optional<String>> names;
    private final Agents agents;
    private final HeaderPolicy policy;
    private ProblemWriter problems = new ProblemWriter();
    private Duration agentWait = AGENT_WAIT;

    private Builder(Function<Request, Optional<String>> names, Agents agents, HeaderPolicy policy) {
      this.names = Objects.requireNonNull(names, "names");
      this.agents = Objects.requireNonNull(agents, "agents");
      this.policy = Objects.requireNonNull(policy, "policy");
    }

    /** Answers failures; default: a {@link ProblemWriter} with its defaults. */
    public Builder problems(ProblemWriter value) {
      problems = Objects.requireNonNull(value, "problems");
      return this;
    }

    /**
     * How long a request waits for an agent that was there not long ago; zero: not at all. Default:
     * {@link #AGENT_WAIT}.
     */
    public Builder agentWait(Duration value) {
      agentWait = Objects.requireNonNull(value, "agentWait");
      return this;
    }

    public ForwardingHandler build() {
      return new ForwardingHandler(this);
    }
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Optional<String> name = names.apply(request);
    if (name.isEmpty()) {
      return false;
    }
    String id = Routed.id(request);
    Exchange exchange = new Exchange(this, request, response, callback, name.get(), id);
    exchange.start();
    return true;
  }

  HttpClient client(AgentLink agent) {
    return agent.h2c() ? h2c : http1;
  }

  Agents agents() {
    return agents;
  }

  HeaderPolicy policy() {
    return policy;
  }

  ProblemWriter problems() {
    return problems;
  }

  Duration agentWait() {
    return agentWait;
  }

  /** Elsewhere; on the calling thread if this handler is stopping. */
  void execute(Runnable task) {
    try {
      executor.execute(task);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  Scheduler scheduler() {
    return http1.getScheduler();
  }
}
