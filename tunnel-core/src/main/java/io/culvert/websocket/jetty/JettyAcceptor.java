package io.culvert.websocket.jetty;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * A {@link WebSocketAcceptor} over Jetty, with a Jetty server of its own on an address of its own.
 * {@link JettyMount} accepts in a server that runs anyway. {@code JettyAcceptor::new} is a {@link
 * io.culvert.websocket.WebSocketAcceptorFactory}.
 *
 * <p>Upgrades are accepted on every path; the handler sees which.
 */
public final class JettyAcceptor implements WebSocketAcceptor {
  static final String LIBRARY = "org.eclipse.jetty.websocket:jetty-websocket-core-server";
  static final String LIBRARY_CLASS =
      "org.eclipse.jetty.websocket.core.server.WebSocketUpgradeHandler";

  private final OwnServer server;

  /**
   * Its threads are named {@code <prefix>-io-<number>}, and one {@code <prefix>-timer}; until
   * {@link #close} the former keep the JVM from ending.
   *
   * @throws MissingLibraryException if Jetty's WebSocket server is not there
   */
  public JettyAcceptor(ListenRequest request) {
    MissingLibraryException.require(JettyAcceptor.class, LIBRARY_CLASS, LIBRARY);
    server = new OwnServer(request);
  }

  @Override
  public void start(UpgradeHandler handler) throws IOException {
    server.start(handler);
  }

  @Override
  public InetSocketAddress address() {
    return server.address();
  }

  @Override
  public void stopListening() {
    server.stopListening();
  }

  @Override
  public void close() {
    server.close();
  }
}
