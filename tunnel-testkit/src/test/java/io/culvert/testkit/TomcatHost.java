package io.culvert.testkit;

import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.server.ServerContainer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509KeyManager;
import javax.net.ssl.X509TrustManager;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.startup.Tomcat;
import org.apache.coyote.AbstractProtocol;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;
import org.apache.tomcat.util.net.SSLUtil;
import org.apache.tomcat.websocket.server.WsSci;
import org.apache.tomcat.websocket.server.WsServerContainer;

/** Embedded Tomcat. */
final class TomcatHost implements HostedAcceptor.Host {
  /** Held, because the JDK forgets the level of a logger that nobody holds. */
  private static final Logger quiet = Logger.getLogger("org.apache");

  private final Tomcat tomcat = new Tomcat();

  /**
   * @param directory for what Tomcat writes
   * @param tls null for none
   * @param path of the servlet, such as {@code /*}
   * @param timeout for a request to come
   * @param webSocket whether the context has a ServerContainer
   */
  TomcatHost(
      HttpServlet servlet,
      Path directory,
      SSLContext tls,
      String path,
      Duration timeout,
      boolean webSocket)
      throws IOException {
    quiet.setLevel(Level.OFF);
    tomcat.setBaseDir(directory.toString());
    tomcat.setConnector(connector(tls, timeout));
    Context context = tomcat.addContext("", directory.toString());
    context.setParentClassLoader(TomcatHost.class.getClassLoader());
    if (webSocket) {
      context.addServletContainerInitializer(new WsSci(), null);
    }
    Tomcat.addServlet(context, "tunnel", servlet);
    context.addServletMappingDecoded(path, "tunnel");
    try {
      tomcat.start();
    } catch (LifecycleException e) {
      throw new IOException(e);
    }
    if (webSocket) {
      WsServerContainer container =
          (WsServerContainer)
              context.getServletContext().getAttribute(ServerContainer.class.getName());
      JettyHost.setTimeouts(container);
      container.setProcessPeriod(1); // seconds between looks at timeouts
    }
  }

  private static Connector connector(SSLContext tls, Duration timeout) throws IOException {
    Connector connector = new Connector();
    connector.setPort(0);
    connector.setProperty("connectionTimeout", String.valueOf(timeout.toMillis()));
    connector.setProperty("address", "127.0.0.1");
    connector.setProperty("bindOnInit", "false");
    connector.setThrowOnFailure(true);
    if (tls != null) {
      connector.setSecure(true);
      connector.setScheme("https");
      connector.setProperty("SSLEnabled", "true");
      SSLHostConfig config = new SSLHostConfig();
      SSLHostConfigCertificate certificate =
          new SSLHostConfigCertificate(config, SSLHostConfigCertificate.Type.UNDEFINED);
      certificate.setSslContext(wrap(tls));
      config.addCertificate(certificate);
      connector.addSslHostConfig(config);
    }
    return connector;
  }

  /** The managers are only asked for what is logged. */
  private static org.apache.tomcat.util.net.SSLContext wrap(SSLContext tls) throws IOException {
    try {
      KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
      keys.init(null, null);
      TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
      trust.init((KeyStore) null);
      return SSLUtil.createSSLContext(
          tls,
          (X509KeyManager) keys.getKeyManagers()[0],
          (X509TrustManager) trust.getTrustManagers()[0]);
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  @Override
  public InetSocketAddress address() {
    return new InetSocketAddress(
        InetAddress.getLoopbackAddress(), tomcat.getConnector().getLocalPort());
  }

  @Override
  public boolean idle() {
    // One more than there are: the place of the next.
    return ((AbstractProtocol<?>) tomcat.getConnector().getProtocolHandler()).getConnectionCount()
        <= 1;
  }

  @Override
  public void close() throws IOException {
    try {
      tomcat.stop();
      tomcat.destroy();
    } catch (LifecycleException e) {
      throw new IOException(e);
    }
  }
}
