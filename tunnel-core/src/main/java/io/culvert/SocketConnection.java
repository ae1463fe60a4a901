package io.culvert;

import io.culvert.connection.Connection;
import io.culvert.connection.LinkStatistics;
import io.culvert.connection.StreamConnection;
import io.culvert.frame.ErrorCode;
import io.culvert.okhttp.RetryPolicy;
import io.culvert.okhttp.StreamSocketFactory;
import io.culvert.okhttp.TunnelInterceptor;
import io.culvert.servlet.ServletHost;
import io.culvert.servlet.ServletHosts;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import javax.net.SocketFactory;
import okhttp3.Interceptor;
import okhttp3.Response;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;

/**
 * One connection to a peer, as either side sees it: HTTP calls go out through it ({@link
 * #intercept}), and servlets serve the peer's calls that come in through it ({@link #serve}), both
 * at once. Thread-safe.
 *
 * <p>When its WebSocket breaks, the client dials another one and the connection goes on: requests
 * in flight stand still meanwhile, and nothing of them is lost or doubled. Only if that takes
 * longer than the resume timeout, or the server has lost its memory, has the connection ended. On
 * the dialing side this object outlives it: the client dials again, the new connection takes its
 * place, {@link #id} changes, what is served stays served, and calls that begin meanwhile wait up
 * to their connect timeout.
 *
 * <p>Whoever got it ends it with {@link #close} or {@link #abort}.
 */
public final class SocketConnection implements Interceptor, AutoCloseable {
  /** How long {@link #close()} lets running exchanges finish. */
  public static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** How long the WebSocket's close handshake may take. */
  private static final Duration SOCKET_TIMEOUT = Duration.ofSeconds(5);

  private final CurrentConnection current = new CurrentConnection();
  private final TunnelInterceptor interceptor;
  private final ServletHosts hosts;
  private final Migration migration;
  private final Object attachment;
  private final Runnable onEnd;

  /** Guarded by this object's monitor: what {@link #serve} serves, null for nothing. */
  private ServletHosts.Lease serving;

  private boolean endReported;

  /** The application has ended the connection, or it has ended for good. */
  private volatile boolean over;

  /** The application has called close or abort. */
  private volatile boolean endedHere;

  private SocketConnection(
      ServletHosts hosts,
      boolean endToEndTls,
      RetryPolicy retry,
      Migration migration,
      Object attachment,
      Runnable onEnd) {
    this.attachment = attachment;
    this.migration = migration;
    this.interceptor = new TunnelInterceptor(current, endToEndTls, retry);
    this.hosts = hosts;
    this.onEnd = onEnd;
  }

  /**
   * For the server and the client, which make connections.
   *
   * @param hosts containers for what is served; the caller's, and shared
   * @param endToEndTls whether {@code https} calls are encrypted inside the connection
   * @param retry which calls are sent again
   * @param migration what {@link #migrate} does
   * @param attachment see {@link #attachment}
   * @param onEnd run once, when the application has ended the connection
   */
  public static Control create(
      ServletHosts hosts,
      boolean endToEndTls,
      RetryPolicy retry,
      Migration migration,
      Object attachment,
      Runnable onEnd) {
    return new SocketConnection(hosts, endToEndTls, retry, migration, attachment, onEnd)
    .new Control();
  }

  /** Moves a connection to a new WebSocket. */
  @FunctionalInterface
  public interface Migration {
    /** See {@link SocketConnection#migrate}. */
    void migrate() throws IOException;
  }

  // Calls to the peer.

  /**
   * Sends the call through this connection, whatever its host: add the connection as the last
   * application interceptor of an {@code OkHttpClient}. What works and what differs: {@link
   * TunnelInterceptor}.
   *
   * @throws io.culvert.connection.TunnelException if the connection failed the call; says whether
   *     it was delivered
   */
  @Override
  public Response intercept(Chain chain) throws IOException {
    return interceptor.intercept(chain);
  }

  /** Sockets that are streams of this connection; see {@link StreamSocketFactory} on its use. */
  public SocketFactory socketFactory() {
    return new StreamSocketFactory(current);
  }

  /** The streams themselves, for protocols other than HTTP. */
  public StreamConnection streams() {
    return current;
  }

  // Calls of the peer.

  /**
   * Serves the peer's calls with a servlet, in place of what was served before. A servlet that is
   * served on several connections is initialised once, and destroyed when none serves it any more.
   * Does nothing when the connection has ended by itself.
   *
   * @throws IllegalStateException if it cannot be initialised, the cause says why; or if this side
   *     has closed or aborted the connection; or if the connection speaks swaggersocket and this
   *     side has made calls
   */
  public void serve(Servlet servlet) {
    Objects.requireNonNull(servlet, "servlet");
    if (canServe()) {
      serve(hosts.lease(servlet));
    }
  }

  /** Serves the peer's calls with a whole application; otherwise like the other one. */
  public void serve(ServletContextHandler application) {
    Objects.requireNonNull(application, "application");
    if (canServe()) {
      serve(hosts.lease(application));
    }
  }

  /** Refuses the peer's calls from here on; those that run go on. */
  public void stopServing() {
    serve((ServletHosts.Lease) null);
  }

  private boolean canServe() {
    if (endedHere) {
      throw new IllegalStateException("this side has ended the connection: it serves nothing");
    }
    return !over;
  }

  private void serve(ServletHosts.Lease next) {
    ServletHosts.Lease unused;
    synchronized (this) {
      unused = endReported ? next : serving;
      if (!endReported) {
        handOver(next);
        serving = next;
      }
    }
    if (unused != null && unused != next) {
      retire(unused.host());
    }
    release(unused);
  }

  private void handOver(ServletHosts.Lease next) {
    boolean done = false;
    try {
      current.streamHandler(next == null ? null : next.host().streams());
      done = true;
    } finally {
      if (!done) {
        release(next);
      }
    }
  }

  /** The peer's pooled streams would go on reaching what is not served here any more. */
  private void retire(ServletHost host) {
    Connection connection = current.get();
    if (connection != null) {
      host.connector().retire(connection);
    }
  }

  private static void release(ServletHosts.Lease lease) {
    if (lease != null) {
      lease.close();
    }
  }

  // Identity.

  /**
   * The connection id, the same on both sides: 32 lower-case hexadecimal digits, or a UUID of 36
   * characters if the peer speaks swaggersocket.
   */
  public String id() {
    return current.id();
  }

  /**
   * What the server's {@code admission} attached to the connection when it let it in; null on the
   * side that dialed, and if nothing was.
   */
  public Object attachment() {
    return attachment;
  }

  /** What the dialer said about itself; unmodifiable. */
  public Map<String, String> metadata() {
    return current.metadata();
  }

  /** The peer's address as the socket sees it. */
  public SocketAddress remoteAddress() {
    return current.remoteAddress();
  }

  /** This side's address. */
  public SocketAddress localAddress() {
    return current.localAddress();
  }

  /** Whether TLS protects the WebSocket. */
  public boolean secure() {
    return current.secure();
  }

  /** Whether calls can be made now. */
  public boolean isOpen() {
    Connection connection = current.get();
    return connection != null && connection.accepting();
  }

  /** The latest measured round trip; zero if none was measured. */
  public Duration roundTrip() {
    return current.get().roundTrip();
  }

  /** How many streams are open, of either side. An idle pooled socket of OkHttp counts. */
  public int activeStreams() {
    return current.get().activeStreams();
  }

  /**
   * Bytes sent and kept because the peer has not acknowledged them yet; bounded, see the builders.
   */
  public long unacknowledgedBytes() {
    return current.get().replayBytes();
  }

  /**
   * Whether the connection has lost its WebSocket and waits for another one: what is under way
   * stands still, and is lost only if none comes in time.
   */
  public boolean detached() {
    return current.get().detached();
  }

  /** What happened to the WebSockets of this connection, the one with this {@link #id}. */
  public LinkStatistics linkStatistics() {
    return current.get().linkStatistics();
  }

  @Override
  public String toString() {
    Connection connection = current.get();
    return "connection " + (connection == null ? "(none yet)" : connection.id());
  }

  /**
   * Moves the connection to a new WebSocket, for instance because the network has changed: dials
   * first, then gives up the old one. Nothing under way is lost; it stands still for one round
   * trip. Returns when the new WebSocket is open.
   *
   * @throws IOException if the server cannot be reached or refuses; then nothing has changed
   * @throws UnsupportedOperationException on the side that accepted, or if the connection cannot be
   *     resumed
   */
  public void migrate() throws IOException {
    migration.migrate();
  }

  // Ends.

  /** {@link #close(Duration)} with {@link #CLOSE_TIMEOUT}. */
  @Override
  public void close() {
    close(CLOSE_TIMEOUT);
  }

  /**
   * Ends the connection in order: no new calls on either side, running ones finish for at most
   * {@code timeout}, what is left fails, then the WebSocket closes. Returns when that is done; an
   * interrupt hurries it. Idempotent.
   */
  public void close(Duration timeout) {
    endedHere = true;
    last();
    Connection connection = current.get();
    if (connection != null) {
      connection.drain("the connection is being closed");
      interceptor.close();
      try {
        connection.awaitIdle(timeout);
        connection.close(ErrorCode.NO_ERROR, "closed");
        if (!connection.awaitSocketClosed(SOCKET_TIMEOUT)) {
          connection.abort("the WebSocket did not close in time");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        connection.abort("interrupted while closing");
      }
    }
    end();
  }

  /**
   * Drops the connection at once: calls that run on either side fail with an exception that says
   * whether they were delivered. Idempotent; does not wait.
   */
  public void abort() {
    endedHere = true;
    last();
    Connection connection = current.get();
    if (connection != null) {
      connection.abort("aborted by the application");
    }
    end();
  }

  /**
   * Ends the connection now and tells the peer why: calls that run fail. Idempotent; does not wait.
   */
  public void close(ErrorCode code, String reason) {
    endedHere = true;
    last();
    Connection connection = current.get();
    if (connection != null) {
      connection.close(code, reason);
    }
    end();
  }

  private void last() {
    over = true;
    current.last();
  }

  private void end() {
    ServletHosts.Lease lease;
    synchronized (this) {
      if (endReported) {
        return;
      }
      endReported = true;
      lease = serving;
      serving = null;
    }
    interceptor.close();
    release(lease);
    onEnd.run();
  }

  /** The maker's side of a {@link SocketConnection}. Thread-safe. */
  public final class Control {
    private Control() {}

    /** What the application gets. */
    public SocketConnection connection() {
      return SocketConnection.this;
    }

    /** Puts an established connection in the place of the one before. */
    public void attach(Connection connection) {
      current.attach(connection);
    }

    /**
     * Puts an established connection in its place for good: when it takes no new calls, they fail
     * instead of waiting for another one.
     */
    public void attachLast(Connection connection) {
      current.attach(connection);
      current.last();
    }

    /** The peer takes no new calls: idle sockets are given up, so that it can end. */
    public void peerGoingAway() {
      interceptor.close();
    }

    /** Whether the application has ended the connection, or {@link #ended} was called. */
    public boolean over() {
      return over;
    }

    /** The connection has ended and no other one will be attached. */
    public void ended() {
      last();
      end();
    }
  }
}
