package io.culvert.relay;

import io.culvert.relay.http.ForwardedHeaders;
import io.culvert.relay.http.ForwardingHandler;
import io.culvert.relay.http.ProblemWriter;
import io.culvert.relay.route.Agents;
import io.culvert.relay.route.Routed;
import java.net.InetAddress;
import java.time.Duration;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Handler;

/** What serves public requests: the one place where routing and HTTP are put together. */
final class PublicHttp {
  private PublicHttp() {}

  /**
   * A handler for requests whose name is known ({@link Routed#name}).
   *
   * @param trusted which neighbours are proxies whose word on the client is taken
   */
  static Handler handler(Agents agents, Duration agentWait, Predicate<InetAddress> trusted) {
    return ForwardingHandler.builder(Routed::name, agents, new ForwardedHeaders(trusted))
        .problems(new ProblemWriter())
        .agentWait(agentWait)
        .build();
  }
}
