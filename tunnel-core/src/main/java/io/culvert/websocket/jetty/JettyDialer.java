package io.culvert.websocket.jetty;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.UpgradeHeaders;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.nio.channels.WritePendingException;
import java.time.Duration;
import java.util.Objects;

/**
 * A {@link WebSocketDialer} over Jetty. Each dialed WebSocket has a Jetty client of its own, whose
 * few daemon threads are started by the dial and end with the WebSocket; so there is nothing to
 * close. (TLS and proxy are one dial's settings, but a whole client's in Jetty.)
 *
 * <p>SOCKS proxies are asked in version 5 without authentication, and resolve the host name
 * themselves.
 */
public final class JettyDialer implements WebSocketDialer {
  static final String LIBRARY = "org.eclipse.jetty.websocket:jetty-websocket-core-client";
  static final String LIBRARY_CLASS =
      "org.eclipse.jetty.websocket.core.client.CoreClientUpgradeRequest";

  private final String threadPrefix;

  /** Threads are named {@code culvert-dial-<dial>-<number>}. */
  public JettyDialer() {
    this("culvert");
  }

  /**
   * @param threadPrefix threads are named {@code <prefix>-dial-<dial>-<number>}
   * @throws MissingLibraryException if Jetty's WebSocket client is not there
   */
  public JettyDialer(String threadPrefix) {
    MissingLibraryException.require(JettyDialer.class, LIBRARY_CLASS, LIBRARY);
    this.threadPrefix = Objects.requireNonNull(threadPrefix, "threadPrefix");
  }

  @Override
  public WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException {
    Objects.requireNonNull(listener, "listener");
    UpgradeHeaders.check(request);
    long deadline = System.nanoTime() + request.timeout().toNanos();
    DialRequest attempt = request;
    while (true) {
      try {
        return new Dial(attempt, listener, threadPrefix).run();
      } catch (IOException e) {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        if (!(e.getCause() instanceof WritePendingException) || left.toMillis() <= 0) {
          throw e;
        }
        // Jetty begins the upgrade when the proxy has answered CONNECT, although its write of
        // CONNECT may not have returned (HttpProxy.CreateTunnelPromise): nothing of the upgrade
        // has left then, and the listener has heard nothing.
        attempt = within(left, request);
      }
    }
  }

  private static DialRequest within(Duration timeout, DialRequest request) {
    return new DialRequest(
        request.uri(),
        request.headers(),
        request.subprotocol(),
        timeout,
        request.sslContext(),
        request.proxy(),
        request.proxyAuthorization(),
        request.maxMessageBytes());
  }
}
