package io.culvert.relay;

import io.culvert.frame.Wire;
import io.culvert.relay.http.ForwardedHeaders;
import io.culvert.relay.http.ProblemErrorHandler;
import io.culvert.relay.http.ProblemWriter;
import io.culvert.relay.route.Names;
import io.culvert.relay.route.Routed;
import io.culvert.server.TunnelServer;
import io.culvert.servlet.TunnelConnector;
import io.culvert.websocket.jetty.JettyMount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * The parts of one relay and how they are connected: one Jetty server with a connector for each
 * port and one for the streams that agents open; upgrades of agents and callers go to a {@link
 * TunnelServer}.
 */
final class RelayParts {
  final Server jetty = new Server(threads());
  final ServerConnector publicPort;

  /** The public one unless agents have their own. */
  final ServerConnector agentPort;

  /** Null without one. */
  final ServerConnector adminPort;

  final Names names;
  final Presence presence;
  final TunnelServer tunnels;
  final PublicRequests publicRequests;
  final AdminRequests admin;
  final RequestFeeds feeds = new RequestFeeds();
  final StatusReport status;

  /** Empty without an admin port, or without their library. */
  final Optional<RelayMetrics> metrics;

  private final ProblemWriter problems = new ProblemWriter();
  private final TunnelConnector streams = new TunnelConnector(jetty);

  RelayParts(RelaySettings settings) {
    publicPort = Connectors.create(jetty, settings.address(), settings.tls());
    agentPort =
        settings
            .agentAddress()
            .map(own -> Connectors.create(jetty, own, settings.tls()))
            .orElse(publicPort);
    boolean local =
        settings.adminAddress().map(a -> a.getAddress().isLoopbackAddress()).orElse(true);
    adminPort =
        settings
            .adminAddress()
            .map(own -> Connectors.create(jetty, own, local ? null : settings.tls()))
            .orElse(null);
    metrics = adminPort == null ? Optional.empty() : RelayMetrics.create(this::statusNow);
    names = new Names(settings.maxAgents(), jetty.getThreadPool(), System::nanoTime);
    StreamSplices splices =
        new StreamSplices(jetty.getThreadPool(), jetty.getScheduler(), jetty.getByteBufferPool());
    jetty.addBean(splices);
    Bridge bridge =
        new Bridge(
            names,
            settings.agentWait(),
            jetty.getThreadPool(),
            jetty.getScheduler(),
            splices,
            (name, received, sent) -> metrics.ifPresent(m -> m.bridged(name, received, sent)));
    presence = new Presence(names, (agent, stream) -> streams.accept(stream), bridge::accept);
    JettyMount mount = new JettyMount(this::isUpgrade);
    tunnels = tunnels(settings, mount);
    status = new StatusReport(tunnels, presence, Instant.now());
    HostRouter hosts = new HostRouter(settings.domain(), settings.defaultName());
    publicRequests =
        new PublicRequests(
            hosts,
            new PublicDoor(
                settings.publicAccess(),
                new ForwardedHeaders(settings.trustedProxies()),
                settings.publicHttp() == null
                    ? PublicHttp.handler(names, settings.agentWait(), settings.trustedProxies())
                    : settings.publicHttp().apply(names),
                problems),
            problems);
    PublicUrls urls = new PublicUrls(hosts, publicPort, settings.tls() != null);
    AgentRequests agentRequests = new AgentRequests(presence, names, feeds, urls::of);
    admin = new AdminRequests(local ? null : settings.credentials(), status::now, metrics);
    mount.setHandler(new ByPort(agentRequests));
    jetty.setErrorHandler(new ProblemErrorHandler(problems, Routed::id));
    jetty.setHandler(mount);
    jetty.setRequestLog(new RequestLogs(this::isPublic, listeners(settings)));
    addConnectors();
  }

  private static QueuedThreadPool threads() {
    QueuedThreadPool threads = new QueuedThreadPool();
    threads.setName("culvert-relay");
    return threads;
  }

  private void addConnectors() {
    jetty.addConnector(publicPort);
    if (agentPort != publicPort) {
      jetty.addConnector(agentPort);
    }
    if (adminPort != null) {
      jetty.addConnector(adminPort);
    }
    jetty.addConnector(streams);
  }

  private TunnelServer tunnels(RelaySettings settings, JettyMount mount) {
    Entrance entrance =
        new Entrance(
            settings.credentials(), names, answer -> metrics.ifPresent(m -> m.refused(answer)));
    TunnelServer server =
        TunnelServer.builder()
            .webSocket(mount)
            .admission(entrance)
            // As many callers as agents, and each may dial again before its old socket is gone.
            .maxConnections(Math.multiplyExact(4, settings.maxAgents()))
            .resumeTimeout(settings.resumeTimeout())
            .heartbeat(settings.heartbeatIdle(), settings.heartbeatTimeout())
            .build();
    server.onConnection(presence);
    server.watch(presence);
    return server;
  }

  private List<Consumer<? super RequestRecord>> listeners(RelaySettings settings) {
    List<Consumer<? super RequestRecord>> all = new ArrayList<>();
    all.add(feeds::publish);
    metrics.ifPresent(all::add);
    all.addAll(settings.listeners());
    return all;
  }

  private RelayStatus statusNow() {
    return status.now();
  }

  private static boolean cameTo(Connector port, Request request) {
    return request.getConnectionMetaData().getConnector() == port;
  }

  private boolean isPublic(Request request) {
    return cameTo(publicPort, request) && !isUpgrade(request);
  }

  /**
   * Whether it is an agent or a caller. A service may be asked for WebSockets, but not for these.
   */
  private boolean isUpgrade(Request request) {
    return cameTo(agentPort, request)
        && HttpVersion.HTTP_1_1.is(request.getConnectionMetaData().getProtocol())
        && request.getHeaders().contains(HttpHeader.UPGRADE, "websocket")
        && request
            .getHeaders()
            .getCSV(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, false)
            .contains(Wire.SUBPROTOCOL);
  }

  /** Who serves a request is decided by the port that it came to, and nothing else. */
  private final class ByPort extends Handler.Abstract {
    private final Handler agentRequests;

    ByPort(Handler agentRequests) {
      this.agentRequests = agentRequests;
      installBean(agentRequests);
      installBean(publicRequests);
      installBean(admin);
    }

    @Override
    public void setServer(Server server) {
      super.setServer(server);
      agentRequests.setServer(server);
      publicRequests.setServer(server);
      admin.setServer(server);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      if (cameTo(publicPort, request)) {
        return publicRequests.handle(request, response, callback);
      }
      if (cameTo(streams, request)) {
        return agentRequests.handle(request, response, callback);
      }
      if (cameTo(adminPort, request)) {
        return admin.handle(request, response, callback);
      }
      Answers.text(response, callback, 404, "this port is for agents and callers");
      return true;
    }
  }
}
