package io.culvert.testkit;

import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.okhttp.TunnelInterceptor;
import io.culvert.servlet.ServletHost;
import io.culvert.swaggersocket.SwaggerConnection;
import io.culvert.swaggersocket.SwaggerSettings;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;

/** OkHttp and Jetty over two connections that speak swaggersocket, joined in memory. */
final class SwaggerTunnel implements HttpTunnel {
  static final SwaggerSettings SETTINGS =
      new SwaggerSettings(
          0, 0, TimeUnit.SECONDS.toNanos(30), 16 << 10, 16 << 20, new byte[] {'h', 'i'});

  private final ConnectionRuntime runtime = ConnectionRuntime.create("test");
  final SwaggerConnection dialer;
  final SwaggerConnection acceptor;
  final MemoryWebSockets.Pair sockets;
  private final SwaggerConnection caller;
  private final SwaggerConnection server;
  private final TunnelInterceptor interceptor;
  private ServletHost host;

  private SwaggerTunnel(boolean dialerCalls, SwaggerSettings settings) throws IOException {
    ConnectionListener nobody = new ConnectionListener() {};
    dialer = SwaggerConnection.dialer(runtime, settings, Map.of("app", "test"), nobody);
    acceptor = SwaggerConnection.acceptor(runtime, settings, nobody);
    sockets =
        MemoryWebSockets.on(runtime.executor())
            .pair(dialer.socketListener(), acceptor.socketListener());
    dialer.awaitEstablished();
    acceptor.awaitEstablished();
    caller = dialerCalls ? dialer : acceptor;
    server = dialerCalls ? acceptor : dialer;
    interceptor = new TunnelInterceptor(caller, false);
  }

  /** The dialer calls, the acceptor serves. */
  static SwaggerTunnel open() throws IOException {
    return new SwaggerTunnel(true, SETTINGS);
  }

  static SwaggerTunnel open(SwaggerSettings settings) throws IOException {
    return new SwaggerTunnel(true, settings);
  }

  /** The acceptor calls, the dialer serves. */
  static SwaggerTunnel reversed() throws IOException {
    return new SwaggerTunnel(false, SETTINGS);
  }

  SwaggerConnection caller() {
    return caller;
  }

  SwaggerConnection server() {
    return server;
  }

  @Override
  public Interceptor interceptor() {
    return interceptor;
  }

  @Override
  public void serve(ServletContextHandler application) {
    host = ServletHost.builder(application).build().start();
    server.streamHandler(host.streams());
  }

  @Override
  public int openStreams() {
    return Math.max(caller.activeStreams(), server.activeStreams());
  }

  @Override
  public void close() {
    interceptor.close();
    if (host != null) {
      host.close();
    }
    dialer.abort("test is over");
    acceptor.abort("test is over");
    runtime.close();
  }
}
