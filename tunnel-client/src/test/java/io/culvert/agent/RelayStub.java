package io.culvert.agent;

import io.culvert.SocketConnection;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.jetty.SocketIo;
import io.culvert.jetty.Splice;
import io.culvert.rendezvous.Rendezvous;
import io.culvert.server.Admission;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeRequest;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** As little of a relay as agents and bridges need: one agent, whose streams a test opens. */
public final class RelayStub implements AutoCloseable {
  private static final Duration LONG = Duration.ofSeconds(30);

  /** What an upgrade said. */
  public record Dialer(String serve, String connect, String id, String protocol, String token) {
    static Dialer of(UpgradeRequest request) {
      return new Dialer(
          request.header(Rendezvous.SERVE),
          request.header(Rendezvous.CONNECT),
          request.header(Rendezvous.AGENT_ID),
          request.header(Rendezvous.UPSTREAM_PROTOCOL),
          request.header("Authorization"));
    }
  }

  private final SocketIo io = new SocketIo("relay-stub", LONG, null);
  private final TunnelServer server;

  /** The bodies of PUT /health, in their order. */
  final BlockingQueue<String> health = new LinkedBlockingQueue<>();

  /** All upgrades that were asked for. */
  final BlockingQueue<Dialer> upgrades = new LinkedBlockingQueue<>();

  /** 0: upgrades are let in. */
  private volatile int refuseWith;

  /** What GET /requests says before it goes on for ever. */
  volatile String requestLines = "";

  private volatile SocketConnection agent;

  public RelayStub() throws IOException {
    this(0);
  }

  RelayStub(int port) throws IOException {
    server =
        TunnelServer.builder()
            .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .admission(this::admit)
            .build();
    server.onConnection(this::connected);
    server.start();
  }

  private Admission admit(UpgradeRequest request) {
    Dialer dialer = Dialer.of(request);
    upgrades.add(dialer);
    return refuseWith == 0
        ? new Admission.Admitted("", dialer)
        : new Admission.Refused(new Upgrade.Refuse(refuseWith, "no"));
  }

  private void connected(SocketConnection connection) {
    Dialer dialer = (Dialer) connection.attachment();
    if (dialer.serve() != null) {
      connection.serve(new AgentServlet());
      agent = connection;
    } else {
      connection.streams().streamHandler(caller -> io.executor().execute(() -> bridge(caller)));
    }
  }

  private void bridge(TunnelStream caller) {
    try {
      TunnelStream stream = open("pets", Rendezvous.FOR_BRIDGE);
      Splice.between(io.endPoint(caller), io.endPoint(stream), io.buffers()).start();
    } catch (IOException e) {
      caller.reset(ErrorCode.REFUSED);
    }
  }

  /** Answers upgrades with that status. */
  public void refuseWith(int status) {
    refuseWith = status;
  }

  public String url() {
    return server.uri().toString();
  }

  InetSocketAddress address() {
    return server.address();
  }

  SocketConnection agent() {
    Await.until("the agent is there", () -> agent != null);
    return agent;
  }

  /** A stream to the agent, as for public HTTP. */
  TunnelStream open() throws IOException {
    return open("pets", Rendezvous.FOR_HTTP);
  }

  TunnelStream open(String name, String purpose) throws IOException {
    // A dialer knows that it is connected before its acceptor does.
    Await.until("the agent is there", () -> agent != null);
    return agent.streams().open(Map.of(Rendezvous.NAME, name, Rendezvous.PURPOSE, purpose), LONG);
  }

  String nextHealth() throws InterruptedException {
    return health.poll(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    server.stop(Duration.ZERO);
    io.close();
  }

  private final class AgentServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doPut(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      health.add(new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
      response.setStatus(204);
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      if (request.getRequestURI().equals("/agent")) {
        response.getWriter().write("{\"name\":\"pets\",\"url\":\"http://pets.localhost\"}");
        return;
      }
      response.getWriter().write(requestLines);
      response.flushBuffer();
      request.startAsync().setTimeout(0);
    }
  }
}
