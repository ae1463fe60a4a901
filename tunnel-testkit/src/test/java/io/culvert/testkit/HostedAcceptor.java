package io.culvert.testkit;

import io.culvert.websocket.Feature;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.jakarta.JakartaMount;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;

/** A hosted acceptor together with the host, which starts and ends with it. */
final class HostedAcceptor implements WebSocketAcceptor {

  /** A servlet container on a port of loopback. */
  interface Host extends AutoCloseable {
    InetSocketAddress address();

    /** Whether no connection is open. */
    boolean idle();

    @Override
    void close() throws IOException;
  }

  /** Starts a servlet container that serves everything with this servlet. */
  @FunctionalInterface
  interface HostFactory {
    Host start(HttpServlet servlet) throws IOException;
  }

  private final HostFactory factory;
  private final JakartaMount mount = new JakartaMount();
  private final WebSocketAcceptor acceptor;
  private Host host;
  private boolean closed;

  HostedAcceptor(Limits limits, HostFactory factory) {
    this.factory = factory;
    acceptor = mount.acceptor(new ListenRequest(null, limits, null, "culvert-test"));
  }

  @Override
  public void start(UpgradeHandler handler) throws IOException {
    acceptor.start(handler);
    host = factory.start(mount.servlet());
  }

  @Override
  public InetSocketAddress address() {
    return host == null ? acceptor.address() : host.address();
  }

  @Override
  public Set<Feature> missing() {
    return acceptor.missing();
  }

  @Override
  public void stopListening() {
    acceptor.stopListening();
  }

  @Override
  public void close() {
    acceptor.close();
    try {
      if (host != null && !closed) {
        closed = true;
        host.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the host did not stop", e);
    }
  }
}
