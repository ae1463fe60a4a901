package io.culvert.testkit;

import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.WebSocketContainer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Embedded Jetty EE11. */
final class JettyHost implements HostedAcceptor.Host {
  private final Server server = new Server();
  private final ServerConnector connector;

  /**
   * @param tls null for none
   * @param path of the servlet, such as {@code /*}
   * @param timeout for a request to come
   */
  JettyHost(HttpServlet servlet, SSLContext tls, String path, Duration timeout) throws IOException {
    HttpConfiguration http = new HttpConfiguration();
    if (tls == null) {
      connector = new ServerConnector(server, new HttpConnectionFactory(http));
    } else {
      http.addCustomizer(new SecureRequestCustomizer(false));
      SslContextFactory.Server ssl = new SslContextFactory.Server();
      ssl.setSslContext(tls);
      connector = new ServerConnector(server, ssl, new HttpConnectionFactory(http));
    }
    connector.setHost("127.0.0.1");
    connector.setIdleTimeout(timeout.toMillis());
    server.addConnector(connector);
    ServletContextHandler context = new ServletContextHandler();
    context.addServlet(servlet, path);
    JakartaWebSocketServletContainerInitializer.configure(
        context, (servletContext, container) -> setTimeouts(container));
    server.setHandler(context);
    run(server::start);
  }

  /** Defaults that an application may have set for its own WebSockets. */
  static void setTimeouts(WebSocketContainer container) {
    container.setAsyncSendTimeout(60_000);
    container.setDefaultMaxSessionIdleTimeout(60_000);
  }

  @Override
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), connector.getLocalPort());
  }

  @Override
  public boolean idle() {
    return connector.getConnectedEndPoints().isEmpty();
  }

  @Override
  public void close() throws IOException {
    run(server::stop);
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void run(Step step) throws IOException {
    try {
      step.run();
    } catch (Exception e) {
      throw new IOException(e);
    }
  }
}
