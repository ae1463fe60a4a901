package io.culvert.testkit;

import io.culvert.okhttp.TunnelInterceptor;
import io.culvert.servlet.ServletHost;
import okhttp3.Interceptor;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;

/** OkHttp and Jetty over a connection in memory: the dialer calls, the acceptor serves. */
final class MemoryTunnel implements HttpTunnel {
  final MemoryConnections pair;
  private final TunnelInterceptor interceptor;
  private ServletHost host;

  MemoryTunnel(MemoryConnections pair) {
    this.pair = pair;
    interceptor = new TunnelInterceptor(pair.dialer(), false);
  }

  @Override
  public Interceptor interceptor() {
    return interceptor;
  }

  @Override
  public void serve(ServletContextHandler application) {
    host = ServletHost.builder(application).build().start();
    pair.acceptor().streamHandler(host.streams());
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
