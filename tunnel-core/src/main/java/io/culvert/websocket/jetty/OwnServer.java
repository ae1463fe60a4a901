package io.culvert.websocket.jetty;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.UpgradeHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.Objects;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Jetty server that does nothing but accept WebSockets; the work of {@link JettyAcceptor}. */
final class OwnServer {
  private static final Logger log = LoggerFactory.getLogger(OwnServer.class);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** How long callbacks may go on before their threads are interrupted, twice over. */
  private static final Duration THREADS_TIMEOUT = Duration.ofSeconds(4);

  /** A thread of its own accepts, so that closing the listening socket frees the port at once. */
  private static final int ACCEPTORS = 1;

  private static final int DEFAULT_SELECTORS = -1;
  private static final long NEVER = -1;

  private final ListenRequest request;
  private final InetSocketAddress requested;
  private final Upgrades upgrades;
  private final TimerThread timer;

  // Guarded by this; all null or false until start().
  private boolean closed;
  private Pool pool;
  private Server server;
  private ServerConnector connector;
  private InetSocketAddress bound;

  OwnServer(ListenRequest request) {
    this.request = request;
    this.requested = Objects.requireNonNull(request.address(), "address");
    this.upgrades = new Upgrades(request.limits().maxMessageBytes());
    this.timer = new TimerThread(request.threadPrefix() + "-timer");
  }

  synchronized void start(UpgradeHandler handler) throws IOException {
    Objects.requireNonNull(handler, "handler");
    if (server != null || closed) {
      throw new IllegalStateException("an acceptor is started once, and not after it was closed");
    }
    ServerSocketChannel channel = bind();
    bound = (InetSocketAddress) channel.getLocalAddress();
    upgrades.start(handler);
    try {
      build(channel);
      server.start();
    } catch (Exception e) {
      channel.close();
      throw new IOException("Jetty did not start on " + requested, e);
    }
  }

  private ServerSocketChannel bind() throws IOException {
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      return channel.bind(requested);
    } catch (IOException | RuntimeException e) {
      channel.close();
      String why = requested.isUnresolved() ? "the host is not known" : e.getMessage();
      throw new IOException("cannot listen on " + requested + ": " + why, e);
    }
  }

  private void build(ServerSocketChannel channel) throws IOException {
    // Not daemons: who starts a server wants it to run after main has returned.
    pool = new Pool(request.threadPrefix() + "-io", false);
    pool.setStopTimeout(THREADS_TIMEOUT.toMillis());
    server = new Server(pool, timer.scheduler(), new ArrayByteBufferPool());
    connector =
        new ServerConnector(server, null, null, null, ACCEPTORS, DEFAULT_SELECTORS, factories());
    connector.setIdleTimeout(0); // none: the time for the upgrade is limited as a whole
    connector.setShutdownIdleTimeout(NEVER); // open WebSockets stay when listening stops
    connector.addEventListener(
        new UpgradeTimeout(connector.getScheduler(), request.limits().upgradeTimeout()));
    connector.open(channel);
    server.addConnector(connector);
    server.setHandler(new Answering(upgrades));
  }

  private ConnectionFactory[] factories() {
    HttpConfiguration http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    ConnectionFactory first = new GetRequests(new HttpConnectionFactory(http));
    if (request.tls() == null) {
      return new ConnectionFactory[] {first};
    }
    SslContextFactory.Server tls = new SslContextFactory.Server();
    tls.setSslContext(request.tls());
    return new ConnectionFactory[] {new SslConnectionFactory(tls, first.getProtocol()), first};
  }

  private static final class Answering extends Handler.Abstract.NonBlocking {
    private final Upgrades upgrades;

    Answering(Upgrades upgrades) {
      this.upgrades = upgrades;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      upgrades.answer(request, response, callback);
      return true;
    }
  }

  synchronized InetSocketAddress address() {
    if (bound == null) {
      throw new IllegalStateException("the acceptor was not started");
    }
    return bound;
  }

  synchronized void stopListening() {
    upgrades.stop();
    if (connector != null) {
      // Its plain close() may leave the accepting thread in a loop. The future is of no use: it is
      // done when the last socket has ended.
      var unused = connector.shutdown();
    }
  }

  void close() {
    Thread end;
    Pool ending;
    synchronized (this) {
      closed = true;
      stopListening();
      if (server == null) {
        return;
      }
      ending = pool;
      end = new Thread(this::end, request.threadPrefix() + "-end");
    }
    upgrades.close();
    end.setDaemon(true);
    end.start();
    // A callback that closes its acceptor would wait for itself.
    if (!ending.inside()) {
      try {
        end.join(CLOSE_TIMEOUT.toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** On a thread that is none of the server's. */
  private void end() {
    Server ending;
    synchronized (this) {
      ending = server;
    }
    try {
      upgrades.awaitEnd(THREADS_TIMEOUT);
      ending.stop();
      timer.end(THREADS_TIMEOUT);
    } catch (Exception e) {
      log.warn("Jetty did not stop in order", e);
    }
  }
}
