package io.culvert.testkit;

import io.culvert.okhttp.TunnelInterceptor;
import io.culvert.servlet.ServletHost;
import okhttp3.Interceptor;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;

/** OkHttp and Jetty over a connection in memory. */
final class MemoryTunnel implements HttpTunnel {
  private final MemoryConnections pair;
  private final ConnectionPair ends;
  private final TunnelInterceptor interceptor;
  private ServletHost host;

  /** The dialer calls, the acceptor serves. */
  MemoryTunnel(MemoryConnections pair) {
    this(pair, pair);
  }

  private MemoryTunnel(MemoryConnections pair, ConnectionPair ends) {
    this.pair = pair;
    this.ends = ends;
    interceptor = new TunnelInterceptor(ends.dialer(), false);
  }

  /** The acceptor calls, the dialer serves. */
  static MemoryTunnel reversed(MemoryConnections pair) {
    return new MemoryTunnel(pair, pair.swapped());
  }

  @Override
  public Interceptor interceptor() {
    return interceptor;
  }

  @Override
  public void serve(ServletContextHandler application) {
    host = ServletHost.builder(application).build().start();
    ends.acceptor().streamHandler(host.streams());
  }

  @Override
  public int openStreams() {
    return Math.max(pair.streams(true), pair.streams(false));
  }

  @Override
  public void close() {
    interceptor.close();
    if (host != null) {
      host.close();
    }
    pair.close();
  }
}
