package io.culvert.servlet;

import jakarta.servlet.Servlet;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers of one server or client. The same application, served on several connections, has
 * one container; it ends when the last of them has given up its lease. Thread-safe.
 */
public final class ServletHosts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServletHosts.class);

  /** Guarded by this object's monitor, also while an application starts or stops. */
  private final Map<Object, Shared> byApplication = new IdentityHashMap<>();

  private boolean closed;

  /** Starts the servlet's container, or shares the one that runs. */
  public Lease lease(Servlet servlet) {
    return lease(servlet, () -> ServletHost.builder(servlet).build());
  }

  /** Starts the application's container, or shares the one that runs. */
  public Lease lease(ServletContextHandler application) {
    return lease(application, () -> ServletHost.builder(application).build());
  }

  private synchronized Lease lease(Object application, Supplier<ServletHost> maker) {
    if (closed) {
      throw new IllegalStateException("the server or client that would serve it is closed");
    }
    Shared shared = byApplication.get(application);
    if (shared == null) {
      shared = new Shared(application, maker.get().start());
      byApplication.put(application, shared);
    }
    shared.leases++;
    return new Lease(shared);
  }

  private synchronized void give(Shared shared) {
    if (--shared.leases == 0 && byApplication.remove(shared.application, shared)) {
      stop(shared.host);
    }
  }

  /** Stops every container, whoever still has a lease. Idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    byApplication.values().forEach(shared -> stop(shared.host));
    byApplication.clear();
  }

  private static void stop(ServletHost host) {
    try {
      host.close();
    } catch (RuntimeException e) {
      LOG.warn("An application did not stop in order", e);
    }
  }

  private static final class Shared {
    final Object application;
    final ServletHost host;
    int leases;

    Shared(Object application, ServletHost host) {
      this.application = application;
      this.host = host;
    }
  }

  /** The right to use a container until {@link #close}. */
  public final class Lease implements AutoCloseable {
    private final Shared shared;
    private boolean given;

    private Lease(Shared shared) {
      this.shared = shared;
    }

    /** The running container. */
    public ServletHost host() {
      return shared.host;
    }

    /** Gives the lease back; the last one stops the container. Idempotent. */
    @Override
    public void close() {
      synchronized (ServletHosts.this) {
        if (!given) {
          given = true;
          give(shared);
        }
      }
    }
  }
}
