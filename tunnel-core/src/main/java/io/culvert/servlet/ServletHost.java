package io.culvert.servlet;

import io.culvert.connection.StreamConnection;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.Servlet;
import jakarta.servlet.annotation.MultipartConfig;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A servlet container without a port: serves one application to any number of connections. The
 * application is initialised once, by {@link #start}. Thread-safe.
 *
 * <pre>{@code
 * ServletHost host = ServletHost.builder(new PetServlet()).build().start();
 * connection.streamHandler(host.streams());
 * }</pre>
 */
public final class ServletHost implements AutoCloseable {
  private static final int MAX_THREADS = 200;
  private static final int MIN_THREADS = 4;
  private static final Logger LOG = LoggerFactory.getLogger(ServletHost.class);

  private final Server server;
  private final TunnelConnector connector;

  private ServletHost(Builder builder) {
    server = new Server(builder.threads());
    server.setStopAtShutdown(false);
    server.setStopTimeout(builder.stopTimeout.toMillis());
    connector = new TunnelConnector(server, builder.tls);
    connector.setIdleTimeout(builder.idleTimeout.toMillis());
    server.addConnector(connector);
    server.setHandler(new GracefulHandler(builder.application));
  }

  /** Serves the servlet under every path; it may be asynchronous. */
  public static Builder builder(Servlet servlet) {
    ServletContextHandler context = new ServletContextHandler("/", ServletContextHandler.SESSIONS);
    ServletHolder holder = new ServletHolder(servlet);
    holder.setAsyncSupported(true);
    // Nobody scans for annotations here, and this one is on the class in plain sight.
    MultipartConfig multipart = servlet.getClass().getAnnotation(MultipartConfig.class);
    if (multipart != null) {
      holder.getRegistration().setMultipartConfig(new MultipartConfigElement(multipart));
    }
    context.addServlet(holder, "/*");
    return new Builder(context);
  }

  /** Serves a whole application, with its filters, sessions, listeners and error pages. */
  public static Builder builder(ServletContextHandler application) {
    return new Builder(application);
  }

  /**
   * Initialises the application and begins to take streams.
   *
   * @return this
   * @throws IllegalStateException if the application cannot be initialised; the cause says why
   */
  public ServletHost start() {
    try {
      server.start();
    } catch (Exception e) {
      close();
      throw new IllegalStateException("the application did not start: " + rootOf(e), e);
    }
    return this;
  }

  /** Jetty wraps what went wrong in the description of where. */
  private static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** Serves the streams of a connection; refuses them before {@link #start} and after close. */
  public StreamConnection.StreamHandler streams() {
    return connector::accept;
  }

  /** For limits and other settings of HTTP, before {@link #start}. */
  public TunnelConnector connector() {
    return connector;
  }

  /**
   * Refuses new streams, lets running requests finish for at most the stop timeout, then fails
   * them, destroys the application and ends every thread that the host started. Idempotent.
   */
  @Override
  public void close() {
    try {
      server.stop();
    } catch (TimeoutException e) {
      // Requests that took longer than the stop timeout were failed, as the caller asked.
      LOG.debug("not all requests finished in time", e);
    } catch (Exception e) {
      throw new IllegalStateException("the application did not stop: " + e.getMessage(), e);
    } finally {
      server.destroy();
    }
  }

  /** Settings of a {@link ServletHost}. Not thread-safe. */
  public static final class Builder {
    private final ServletContextHandler application;
    private ThreadPool threads;
    private Duration idleTimeout = TunnelConnector.IDLE_TIMEOUT;
    private Duration stopTimeout = Duration.ofSeconds(5);
    private SslContextFactory.Server tls;

    private Builder(ServletContextHandler application) {
      this.application = Objects.requireNonNull(application, "application");
    }

    /**
     * Runs requests in this pool instead of an own one of at most 200 threads named {@code
     * culvert-servlet}, which uses virtual threads where the JVM has them. The host starts and
     * stops a pool that is not running; one that is stays its owner's.
     */
    public Builder threadPool(ThreadPool pool) {
      threads = pool;
      return this;
    }

    /** How long a stream may be idle between two requests; zero is for ever. Default 90 s. */
    public Builder idleTimeout(Duration timeout) {
      idleTimeout = timeout;
      return this;
    }

    /** How long {@link #close} waits for running requests; zero is not at all. Default 5 s. */
    public Builder stopTimeout(Duration timeout) {
      stopTimeout = timeout;
      return this;
    }

    /** What to answer with when a stream begins with a TLS handshake. Default: it fails. */
    public Builder tls(SslContextFactory.Server contextFactory) {
      tls = contextFactory;
      return this;
    }

    /** A host that is not started yet. */
    public ServletHost build() {
      return new ServletHost(this);
    }

    private ThreadPool threads() {
      return threads != null ? threads : newThreadPool();
    }
  }

  /** At most 200 daemon threads; requests run on virtual ones where the JVM has them. */
  static QueuedThreadPool newThreadPool() {
    QueuedThreadPool pool = new QueuedThreadPool(MAX_THREADS, MIN_THREADS);
    pool.setName("culvert-servlet");
    pool.setDaemon(true);
    if (VirtualThreads.areSupported()) {
      pool.setVirtualThreadsExecutor(
          VirtualThreads.getNamedVirtualThreadsExecutor("culvert-servlet-"));
    }
    return pool;
  }
}
