package io.culvert.client;

import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.HttpTunnel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import okhttp3.Interceptor;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;

/** OkHttp and Jetty over a server, a client and a real WebSocket between them. */
final class SocketTunnel implements HttpTunnel {
  private final TunnelServer server;
  private final SocketConnection dialed;
  private final SocketConnection accepted;
  private final boolean dialerCalls;

  private SocketTunnel(
      boolean dialerCalls,
      UnaryOperator<TunnelServer.Builder> serverSettings,
      UnaryOperator<TunnelClient.Builder> clientSettings)
      throws Exception {
    this.dialerCalls = dialerCalls;
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    server = serverSettings.apply(TunnelServer.builder().address(loopback)).build().start();
    CompletableFuture<SocketConnection> arrival = new CompletableFuture<>();
    server.onConnection(arrival::complete);
    dialed = clientSettings.apply(TunnelClient.builder(server.uri().toString())).build().connect();
    accepted = arrival.get(30, TimeUnit.SECONDS);
  }

  /** The dialer calls, the acceptor serves. */
  static SocketTunnel up() throws Exception {
    return new SocketTunnel(true, s -> s, c -> c);
  }

  /** The acceptor calls, the dialer serves. */
  static SocketTunnel down() throws Exception {
    return new SocketTunnel(false, s -> s, c -> c);
  }

  SocketConnection caller() {
    return dialerCalls ? dialed : accepted;
  }

  SocketConnection callee() {
    return dialerCalls ? accepted : dialed;
  }

  @Override
  public Interceptor interceptor() {
    return caller();
  }

  @Override
  public void serve(ServletContextHandler application) {
    callee().serve(application);
  }

  @Override
  public int openStreams() {
    return Math.max(dialed.activeStreams(), accepted.activeStreams());
  }

  /** Bytes that either side keeps until the other has acknowledged them. */
  long replayBytes() {
    return Math.max(dialed.unacknowledgedBytes(), accepted.unacknowledgedBytes());
  }

  @Override
  public void close() {
    dialed.close();
    server.close();
  }
}
