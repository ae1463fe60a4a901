package io.culvert.relay;

import io.culvert.agent.Agent;
import io.culvert.agent.RawUpstream;
import io.culvert.agent.Upstream;
import io.culvert.testkit.Await;
import io.culvert.testkit.RecordingListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A real relay, with real agents in front of upstreams that are part of the test. */
final class ServedRelay {
  final BlockingQueue<RequestRecord> records = new LinkedBlockingQueue<>();
  final Relay relay;
  private final List<AutoCloseable> opened = new ArrayList<>();

  ServedRelay() throws IOException {
    this(Relay.builder());
  }

  ServedRelay(Relay.Builder builder) throws IOException {
    relay = builder.domain("localhost").defaultName("pets").onRequest(records::add).build().start();
  }

  /** An agent in front of an HTTP server, of HTTP/1.1 or with prior knowledge of HTTP/2. */
  Server serve(boolean h2c, Handler handler) throws Exception {
    Server upstream = new Server();
    HttpConfiguration http = new HttpConfiguration();
    ConnectionFactory protocol =
        h2c ? new HTTP2CServerConnectionFactory(http) : new HttpConnectionFactory(http);
    ServerConnector connector = new ServerConnector(upstream, 1, 1, protocol);
    connector.setHost("127.0.0.1");
    upstream.addConnector(connector);
    upstream.setHandler(handler);
    upstream.start();
    opened.add(upstream::stop);
    agent((h2c ? "h2c" : "http") + "://127.0.0.1:" + connector.getLocalPort());
    return upstream;
  }

  /** An agent in front of exact bytes. */
  void serve(RawUpstream.Script script) throws IOException {
    RawUpstream upstream = new RawUpstream(script);
    opened.add(upstream);
    agent(upstream.url());
  }

  Agent agent(String upstream) {
    return agent(address(), upstream);
  }

  /**
   * @param relay where the agent finds the relay
   */
  Agent agent(InetSocketAddress relay, String upstream) {
    Agent agent =
        Agent.builder("ws://127.0.0.1:" + relay.getPort(), "pets", Upstream.parse(upstream))
            .start();
    opened.add(() -> agent.close(Duration.ZERO));
    Await.until(
        "the agent is there",
        () -> this.relay.status().connections().stream().anyMatch(c -> c.name().equals("pets")));
    return agent;
  }

  InetSocketAddress address() {
    return relay.address();
  }

  URI uri(String scheme, String path) {
    return URI.create(scheme + "://127.0.0.1:" + address().getPort() + path);
  }

  /** A client that speaks exact bytes. */
  Socket raw(String request) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), address().getPort());
    socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
    write(socket, request);
    return socket;
  }

  static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** A head, up to the empty line or the end. */
  static String head(Socket socket) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        break;
      }
      head.append((char) next);
    }
    return head.toString();
  }

  static String text(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.ISO_8859_1);
  }

  /** What is recorded of the next request that is over. */
  RequestRecord record() throws InterruptedException {
    RequestRecord record = records.poll(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
    if (record == null) {
      throw new AssertionError("no request is over");
    }
    return record;
  }

  void close() throws Exception {
    for (int i = opened.size() - 1; i >= 0; i--) {
      opened.get(i).close();
    }
    relay.close();
    Await.noThreads("culvert-");
  }
}
