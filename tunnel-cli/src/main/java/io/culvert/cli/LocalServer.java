package io.culvert.cli;

import java.net.InetAddress;
import java.net.URI;
import java.time.Duration;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A service of the agent's own, on a free port of 127.0.0.1: the agent reaches it as it would any
 * other, and so can whoever else is on this machine.
 */
final class LocalServer implements AutoCloseable {
  private static final int MAX_THREADS = 50;
  private static final int MIN_THREADS = 2;
  private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

  private final Server server;
  private final ServerConnector port;

  private LocalServer(Handler handler) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    threads.setName("culvert-local");
    threads.setDaemon(true);
    server = new Server(threads);
    server.setStopTimeout(STOP_TIMEOUT.toMillis());
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    port = new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
    port.setHost(InetAddress.getLoopbackAddress().getHostAddress());
    server.addConnector(port);
    server.setHandler(new GracefulHandler(handler));
  }

  /** Begins to serve. */
  static LocalServer start(Handler handler) {
    LocalServer local = new LocalServer(handler);
    try {
      local.server.start();
    } catch (Exception e) {
      local.close();
      throw CliException.failed("cannot serve on a free port of 127.0.0.1: " + e.getMessage(), e);
    }
    return local;
  }

  /** Where it is. */
  URI url() {
    return URI.create("http://" + port.getHost() + ":" + port.getLocalPort());
  }

  /** Lets running requests finish for a while, then ends every thread. Idempotent. */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (Exception e) {
      // The requests that took longer have been failed; there is nobody left to tell.
      return;
    }
  }
}
