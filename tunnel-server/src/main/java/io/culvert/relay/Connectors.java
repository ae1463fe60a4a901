package io.culvert.relay;

import io.culvert.jetty.WatchedEndPoint;
import io.culvert.relay.http.PriorKnowledgeHttp2;
import io.culvert.relay.http.StrictHttp;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;

/** How the relay listens. */
final class Connectors {
  /** Between requests; a request may take, and be silent, as long as it likes. */
  private static final Duration IDLE_TIMEOUT = Duration.ofSeconds(60);

  private Connectors() {}

  /**
   * HTTP/1.1 and HTTP/2, of which the peer chooses: by ALPN with TLS, by what it sends without.
   *
   * @param tls null for none
   */
  static ServerConnector create(Server server, InetSocketAddress address, TlsFiles tls) {
    HttpConfiguration http = configuration();
    ConnectionFactory[] factories = tls == null ? plain(http) : encrypted(http, tls);
    // Without threads of its own that accept: then its listening can end before it does.
    ServerConnector connector =
        new ServerConnector(server, null, null, null, 0, -1, factories) {
          @Override
          protected SocketChannelEndPoint newEndPoint(
              SocketChannel channel, ManagedSelector selector, SelectionKey key) {
            WatchedEndPoint endPoint =
                new WatchedEndPoint(channel, selector, key, getScheduler(), getExecutor());
            endPoint.setIdleTimeout(getIdleTimeout());
            return endPoint;
          }
        };
    connector.setHost(address.getAddress().getHostAddress());
    connector.setPort(address.getPort());
    connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
    return connector;
  }

  private static ConnectionFactory[] plain(HttpConfiguration http) {
    return new ConnectionFactory[] {new HttpConnectionFactory(http), new PriorKnowledgeHttp2(http)};
  }

  private static ConnectionFactory[] encrypted(HttpConfiguration http, TlsFiles tls) {
    // Which host is served is decided by the name, not by the certificate.
    SecureRequestCustomizer customizer = new SecureRequestCustomizer();
    customizer.setSniHostCheck(false);
    http.addCustomizer(customizer);
    HttpConnectionFactory http1 = new HttpConnectionFactory(http);
    ALPNServerConnectionFactory alpn = new ALPNServerConnectionFactory();
    alpn.setDefaultProtocol(http1.getProtocol());
    return new ConnectionFactory[] {
      new SslConnectionFactory(tls.factory(), alpn.getProtocol()), alpn, http2(http), http1
    };
  }

  /** Without WebSockets over HTTP/2, which no agent's stream carries. */
  private static HTTP2ServerConnectionFactory http2(HttpConfiguration http) {
    HTTP2ServerConnectionFactory http2 = new HTTP2ServerConnectionFactory(http);
    http2.setConnectProtocolEnabled(false);
    return http2;
  }

  private static HttpConfiguration configuration() {
    HttpConfiguration http = StrictHttp.configuration();
    http.setSendDateHeader(false); // the service's own goes to the client
    return http;
  }
}
