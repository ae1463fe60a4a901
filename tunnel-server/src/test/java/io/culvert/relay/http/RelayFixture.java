package io.culvert.relay.http;

import io.culvert.connection.TunnelStream;
import io.culvert.relay.route.AgentLink;
import io.culvert.relay.route.Routed;
import io.culvert.servlet.TunnelConnector;
import io.culvert.testkit.MemoryConnections;
import io.culvert.testkit.RecordingListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A relay's public port on loopback, and agents whose upstream is part of the test. */
final class RelayFixture {
  final FakeAgents agents = new FakeAgents();
  final LinkedBlockingQueue<Done> records = new LinkedBlockingQueue<>();
  private final Server server = new Server();
  private final ServerConnector connector;
  private final List<AutoCloseable> resources = new ArrayList<>();

  /** What is known about a request that is over. */
  record Done(
      String id,
      String name,
      String agentId,
      String method,
      String path,
      int status,
      String code,
      long received,
      long sent) {
    private static Done of(Request request, Response response) {
      return new Done(
          Routed.id(request),
          Routed.name(request).orElse(""),
          Routed.agent(request).map(AgentLink::agentId).orElse(""),
          request.getMethod(),
          request.getHttpURI().getPath(),
          Routed.status(request).orElseGet(response::getStatus),
          Routed.code(request),
          Request.getContentBytesRead(request),
          Response.getContentBytesWritten(response));
    }
  }

  /** What an upstream does with one stream; the stream is closed when it returns. */
  interface Script {
    void run(TunnelStream stream) throws Exception;
  }

  RelayFixture() throws Exception {
    this(Duration.ofSeconds(10));
  }

  RelayFixture(Duration agentWait) throws Exception {
    HttpConfiguration configuration = new HttpConfiguration();
    connector =
        new ServerConnector(
            server,
            1,
            1,
            new HttpConnectionFactory(configuration),
            new HTTP2CServerConnectionFactory(configuration));
    connector.setHost(InetAddress.getLoopbackAddress().getHostAddress());
    server.addConnector(connector);
    server.setHandler(
        ForwardingHandler.builder(RelayFixture::name, agents, new PlainPolicy())
            .agentWait(agentWait)
            .build());
    server.setRequestLog((request, response) -> records.add(Done.of(request, response)));
    server.start();
  }

  private static Optional<String> name(Request request) {
    Optional<String> name =
        Optional.ofNullable(request.getHttpURI().getHost()).map(host -> host.split("\\.", -1)[0]);
    name.ifPresent(known -> Routed.name(request, known));
    return name;
  }

  int port() {
    return connector.getLocalPort();
  }

  URI uri(String path) {
    return URI.create("http://pets.localhost:" + port() + path);
  }

  /** What is told about the next request that is over. */
  Done record() throws InterruptedException {
    Done record = records.poll(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
    if (record == null) {
      throw new AssertionError("no request is over");
    }
    return record;
  }

  /** An agent whose upstream is a Jetty handler. */
  FakeAgents.Link jetty(boolean h2c, Handler handler) throws Exception {
    MemoryConnections pair = MemoryConnections.pair();
    Server upstream = new Server();
    TunnelConnector tunnel = new TunnelConnector(upstream);
    upstream.addConnector(tunnel);
    upstream.setHandler(handler);
    upstream.start();
    pair.dialer().streamHandler(tunnel::accept);
    resources.add(upstream::stop);
    resources.add(pair);
    return agents.add(pair.acceptor(), h2c);
  }

  /** An agent whose upstream plays exact bytes, each stream on a thread of its own. */
  FakeAgents.Link scripted(Script script) {
    return scripted(MemoryConnections.pair(), script);
  }

  FakeAgents.Link scripted(MemoryConnections pair, Script script) {
    pair.dialer().streamHandler(stream -> run(stream, script));
    resources.add(pair);
    return agents.add(pair.acceptor(), false);
  }

  private static void run(TunnelStream stream, Script script) {
    Thread thread =
        new Thread(
            () -> {
              try (stream) {
                script.run(stream);
              } catch (Exception e) {
                // The test sees what the client sees.
              }
            },
            "test-upstream");
    thread.setDaemon(true);
    thread.start();
  }

  /** A client that speaks exact bytes. */
  RawHttp raw() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
    socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
    socket.setTcpNoDelay(true);
    return new RawHttp(socket.getInputStream(), socket.getOutputStream(), socket);
  }

  void close() throws Exception {
    server.stop();
    for (AutoCloseable resource : resources) {
      resource.close();
    }
    agents.close();
  }
}
