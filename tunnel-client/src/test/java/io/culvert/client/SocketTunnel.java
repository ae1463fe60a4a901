package io.culvert.client;

import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.HttpTunnel;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;

/** OkHttp and Jetty over a server, a client and a real WebSocket between them. */
final class SocketTunnel implements HttpTunnel {
  private final Libraries.Listening listening;
  private final TunnelServer server;
  private final SocketConnection dialed;
  private final SocketConnection accepted;
  private final boolean dialerCalls;

  private SocketTunnel(Libraries.Listening listening, WebSocketDialer library, boolean dialerCalls)
      throws Exception {
    this.listening = listening;
    this.dialerCalls = dialerCalls;
    server = listening.server().build().start();
    CompletableFuture<SocketConnection> arrival = new CompletableFuture<>();
    server.onConnection(arrival::complete);
    dialed = TunnelClient.builder(listening.url(server)).webSocket(library).build().connect();
    accepted = arrival.get(30, TimeUnit.SECONDS);
  }

  /** The dialer calls, the acceptor serves. */
  static SocketTunnel up() throws Exception {
    return over(Libraries.Acceptor.JAVA_WEBSOCKET.listen(), new JavaWebSocketDialer(), true);
  }

  /** The acceptor calls, the dialer serves. */
  static SocketTunnel down() throws Exception {
    return over(Libraries.Acceptor.JAVA_WEBSOCKET.listen(), new JavaWebSocketDialer(), false);
  }

  /** With these libraries. */
  static SocketTunnel over(
      Libraries.Listening listening, WebSocketDialer library, boolean dialerCalls)
      throws Exception {
    return new SocketTunnel(listening, library, dialerCalls);
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
    listening.close();
  }
}
