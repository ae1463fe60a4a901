package io.culvert.relay;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.EnumSet;
import org.eclipse.jetty.alpn.server.ALPNServerConnectionFactory;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
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

  private static final int MAX_HEAD_BYTES = 32 << 10;

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
    ServerConnector connector = new ServerConnector(server, null, null, null, 0, -1, factories);
    connector.setHost(address.getAddress().getHostAddress());
    connector.setPort(address.getPort());
    connector.setIdleTimeout(IDLE_TIMEOUT.toMillis());
    return connector;
  }

  private static ConnectionFactory[] plain(HttpConfiguration http) {
    return new ConnectionFactory[] {
      new HttpConnectionFactory(http), new HTTP2CServerConnectionFactory(http)
    };
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
      new SslConnectionFactory(tls.factory(), alpn.getProtocol()),
      alpn,
      new HTTP2ServerConnectionFactory(http),
      http1
    };
  }

  private static HttpConfiguration configuration() {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendXPoweredBy(false);
    http.setSendDateHeader(false); // the service's own goes to the client
    http.setRequestHeaderSize(MAX_HEAD_BYTES);
    http.setHttpCompliance(HttpCompliance.RFC9110);
    // A path is passed on as it came and chooses nothing here, so it may be ambiguous.
    http.setUriCompliance(
        UriCompliance.from(
            EnumSet.complementOf(
                EnumSet.of(
                    Violation.USER_INFO, Violation.FRAGMENT, Violation.ILLEGAL_PATH_CHARACTERS))));
    return http;
  }
}
