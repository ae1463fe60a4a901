package io.culvert.servlet;

import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds a Jetty server with streams instead of sockets, so that any Jetty application can be served
 * through connections that it dialed itself: add it to the {@code Server}, and give {@link #accept}
 * to {@link StreamConnection#streamHandler}. One connector takes the streams of any number of
 * connections. Thread-safe.
 *
 * <p>It speaks HTTP/1.1, HTTP/2 with prior knowledge and, if it was given the means, TLS inside the
 * stream. Requests carry the attributes {@link #CONNECTION_ID}, {@link #VIA_TUNNEL} and {@link
 * #METADATA}; their remote address is the connection's; they are secure if the stream's opener
 * called an {@code https} URL or the WebSocket is protected by TLS.
 *
 * <p>A stream ends, and its opener may open another one, when the last request on it is finished,
 * even if the opener has reset it long before.
 */
public final class TunnelConnector extends AbstractConnector {
  /** Request attribute: the id of the connection, a string. */
  public static final String CONNECTION_ID = "io.culvert.connectionId";

  /** Request attribute: {@code Boolean.TRUE} for every request that came through a tunnel. */
  public static final String VIA_TUNNEL = "io.culvert.viaTunnel";

  /** Request attribute: the metadata of the connection, a {@code Map<String, String>}. */
  public static final String METADATA = "io.culvert.metadata";

  /**
   * How long a stream may be idle between two requests. Not while a request runs: how long that
   * takes, and how long it is silent, is the application's business. An outage of the connection
   * makes it begin anew. Longer than OkHttp keeps a socket here, so that it is the side with the
   * requests that ends an idle stream.
   */
  public static final Duration IDLE_TIMEOUT = Duration.ofSeconds(90);

  /** Request line and headers together may be this long; beyond it the answer is 431 or 414. */
  public static final int MAX_REQUEST_HEADER_BYTES = 32 << 10;

  /** A stream without a request ends this soon when the server stops: nothing runs on it. */
  private static final long SHUTDOWN_IDLE_MILLIS = 100;

  private static final Logger LOG = LoggerFactory.getLogger(TunnelConnector.class);

  /** They only pass wake-ups on, so a few serve any number of streams. */
  private static final int WAKING_THREADS = 4;

  private final HttpConfiguration configuration;

  /** See {@link #wakeExecutor}; null if the server's pool has virtual threads. */
  private final QueuedThreadPool waking;

  /** Without TLS inside streams. */
  public TunnelConnector(Server server) {
    this(server, null);
  }

  /**
   * @param tls what to answer with when a stream begins with a TLS handshake; null if such streams
   *     are to fail
   */
  public TunnelConnector(Server server, SslContextFactory.Server tls) {
    this(server, newConfiguration(), tls);
  }

  private TunnelConnector(
      Server server, HttpConfiguration configuration, SslContextFactory.Server tls) {
    super(server, null, null, null, 0, factories(configuration, tls));
    this.configuration = configuration;
    setIdleTimeout(IDLE_TIMEOUT.toMillis());
    setShutdownIdleTimeout(SHUTDOWN_IDLE_MILLIS);
    waking = VirtualThreads.isUseVirtualThreads(getExecutor()) ? null : newWakingThreads();
    addBean(waking); // starts and stops with the connector
  }

  private static QueuedThreadPool newWakingThreads() {
    QueuedThreadPool threads = new QueuedThreadPool(WAKING_THREADS, 1);
    threads.setName("culvert-servlet-wake");
    threads.setDaemon(true);
    threads.setReservedThreads(0);
    return threads;
  }

  private static HttpConfiguration newConfiguration() {
    HttpConfiguration configuration = new HttpConfiguration();
    configuration.setSendServerVersion(false);
    configuration.setSendXPoweredBy(false);
    configuration.setRequestHeaderSize(MAX_REQUEST_HEADER_BYTES);
    configuration.addCustomizer(new TunnelCustomizer());
    return configuration;
  }

  private static ConnectionFactory[] factories(
      HttpConfiguration configuration, SslContextFactory.Server tls) {
    HttpConnectionFactory http = new HttpConnectionFactory(configuration);
    HTTP2CServerConnectionFactory h2c = new HTTP2CServerConnectionFactory(configuration);
    if (tls == null) {
      return new ConnectionFactory[] {http, h2c};
    }
    SslConnectionFactory ssl = new SslConnectionFactory(tls, http.getProtocol());
    // What the detector does not recognise as TLS goes to the one after it.
    return new ConnectionFactory[] {new DetectorConnectionFactory(ssl), http, h2c, ssl};
  }

  /** What HTTP allows here; to be changed before the server starts. */
  public HttpConfiguration httpConfiguration() {
    return configuration;
  }

  /**
   * Serves HTTP on a stream that the peer opened. Returns at once and runs nothing of the
   * application, so it may be called on a connection's reader thread. A stream that comes while the
   * connector is not running is refused.
   */
  public void accept(TunnelStream stream) {
    if (!isRunning() || isShutdown()) {
      stream.reset(ErrorCode.REFUSED);
      return;
    }
    try {
      requestExecutor().execute(() -> start(stream));
    } catch (RejectedExecutionException e) {
      stream.reset(ErrorCode.REFUSED);
    }
  }

  private void start(TunnelStream stream) {
    TunnelEndPoint endPoint = new TunnelEndPoint(this, stream);
    try {
      endPoint.setIdleTimeout(getIdleTimeout());
      Connection connection = getDefaultConnectionFactory().newConnection(this, endPoint);
      endPoint.setConnection(connection);
      endPoint.onOpen();
      onEndPointOpened(endPoint);
      connection.onOpen();
    } catch (RuntimeException e) {
      LOG.warn("cannot serve a stream of connection {}", stream.connection().id(), e);
      endPoint.close(e);
    }
  }

  void ended(TunnelEndPoint endPoint) {
    onEndPointClosed(endPoint);
  }

  /** Virtual threads if the server's pool has them. */
  Executor requestExecutor() {
    return VirtualThreads.getExecutor(getExecutor());
  }

  /**
   * For what does not block and wakes a thread that does: in the pool it would wait behind the
   * threads that wait for it, and with all of them blocked that is for ever.
   */
  Executor wakeExecutor() {
    return waking == null || !waking.isRunning() ? requestExecutor() : waking;
  }

  /**
   * Serves a connection no longer: its streams that are here end when the requests on them are
   * finished. Else its peer would go on using those that it has pooled. WebSockets of the
   * application go on. Does not wait.
   */
  public void retire(StreamConnection connection) {
    for (EndPoint endPoint : getConnectedEndPoints()) {
      if (endPoint instanceof TunnelEndPoint ours && ours.stream().connection() == connection) {
        ours.retire();
      }
    }
  }

  /** Null: there is no socket. */
  @Override
  public Object getTransport() {
    return null;
  }

  /** Never called: this connector has no acceptor threads. */
  @Override
  protected void accept(int acceptorId) {}
}
