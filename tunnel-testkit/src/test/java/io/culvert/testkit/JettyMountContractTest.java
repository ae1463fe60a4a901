package io.culvert.testkit;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import io.culvert.websocket.jetty.JettyMount;
import java.io.IOException;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Java-WebSocket dials a Jetty server that has the acceptor mounted on all its paths. */
class JettyMountContractTest extends WebSocketNetworkContract {

  @Override
  protected WebSocketDialer dialer() {
    return new JavaWebSocketDialer();
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    return new InAJetty(0, limits, tls);
  }

  @Override
  protected WebSocketAcceptor acceptorAt(int port) {
    return new InAJetty(port, new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, DIAL_TIMEOUT), null);
  }

  /** Empty lines before a request are no error for the server (RFC 9112 section 2.2). */
  @Override
  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "rubbish\r\n\r\n"})
  void whatIsNoUpgradeIsAnsweredWithAnErrorAndHarmsNobody(String request) throws IOException {
    super.whatIsNoUpgradeIsAnsweredWithAnErrorAndHarmsNobody(request);
  }

  /** A host that lives and dies with its acceptor, and listens where the contract wants it. */
  private static final class InAJetty implements WebSocketAcceptor {
    private final Server server = new Server();
    private final ServerConnector connector;
    private final WebSocketAcceptor mounted;

    InAJetty(int port, Limits limits, SSLContext tls) {
      HttpConnectionFactory http = new HttpConnectionFactory();
      connector =
          tls == null
              ? new ServerConnector(server, http)
              : new ServerConnector(server, ssl(tls, http), http);
      connector.setHost("localhost");
      connector.setPort(port);
      connector.setIdleTimeout(limits.upgradeTimeout().toMillis());
      server.addConnector(connector);
      JettyMount mount = new JettyMount("/*");
      server.setHandler(mount);
      mounted = mount.acceptor(new ListenRequest(null, limits, null, "unused"));
    }

    private static SslConnectionFactory ssl(SSLContext tls, HttpConnectionFactory next) {
      SslContextFactory.Server factory = new SslContextFactory.Server();
      factory.setSslContext(tls);
      return new SslConnectionFactory(factory, next.getProtocol());
    }

    @Override
    public void start(UpgradeHandler handler) throws IOException {
      mounted.start(handler);
      try {
        server.start();
      } catch (IOException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }

    @Override
    public InetSocketAddress address() {
      if (connector.getLocalPort() <= 0) {
        throw new IllegalStateException("the host does not listen");
      }
      return new InetSocketAddress("localhost", connector.getLocalPort());
    }

    @Override
    public void stopListening() {
      mounted.stopListening();
    }

    @Override
    public void close() {
      mounted.close();
      try {
        server.stop();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }
}
