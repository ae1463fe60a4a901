package io.culvert.servlet;

import jakarta.servlet.Servlet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers of one server or client, on one pool of threads. The same application, served on
 * several connections, has one container; it ends when the last of them has given up its lease.
 * Thread-safe. Lock order: an application's entry, then the map.
 */
public final class ServletHosts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServletHosts.class);

  /** Guarded by its own monitor, as is {@link #closed}. */
  private final IdentityHashMap<Object, Shared> byApplication = new IdentityHashMap<>();

  private final QueuedThreadPool threads = ServletHost.newThreadPool();
  private boolean closed;

  /** Starts the servlet's container, or shares the one that runs. */
  public Lease lease(Servlet servlet) {
    return lease(servlet, () -> ServletHost.builder(servlet));
  }

  /** Starts the application's container, or shares the one that runs. */
  public Lease lease(ServletContextHandler application) {
    return lease(application, () -> ServletHost.builder(application));
  }

  private Lease lease(Object application, Supplier<ServletHost.Builder> builder) {
    while (true) {
      Shared shared = shared(application);
      synchronized (shared) {
        if (!shared.ended) {
          if (shared.host == null) {
            start(shared, builder.get());
          }
          shared.leases++;
          return new Lease(shared);
        }
      }
      // Its last lease was given back just now: it starts anew, but never twice at a time.
      shared.stopped.join();
    }
  }

  private Shared shared(Object application) {
    synchronized (byApplication) {
      if (closed) {
        throw new IllegalStateException("the server or client that would serve it is closed");
      }
      startThreads();
      return byApplication.computeIfAbsent(application, Shared::new);
    }
  }

  private void startThreads() {
    try {
      threads.start();
    } catch (Exception e) {
      throw new IllegalStateException("the threads for servlets did not start", e);
    }
  }

  /** The entry's monitor is held. */
  private void start(Shared shared, ServletHost.Builder builder) {
    boolean started = false;
    try {
      shared.host = builder.threadPool(threads).build().start();
      started = true;
    } finally {
      if (!started) {
        shared.ended = true;
        stop(shared);
      }
    }
  }

  /**
   * Stops a container that is marked as ended. Of one that runs requests the monitor must not be
   * held: they may give leases back.
   */
  private void stop(Shared shared) {
    try {
      if (shared.host != null) {
        shared.host.close();
      }
    } catch (RuntimeException e) {
      LOG.warn("An application did not stop in order", e);
    } finally {
      synchronized (byApplication) {
        byApplication.remove(shared.application, shared);
      }
      shared.stopped.complete(null);
    }
  }

  /** Not on the caller's thread: it may be one of the requests that the container waits for. */
  private void stopElsewhere(Shared shared) {
    try {
      threads.execute(() -> stop(shared));
    } catch (RejectedExecutionException e) {
      stop(shared);
    }
  }

  /** Stops every container, whoever still has a lease; returns when that is done. Idempotent. */
  @Override
  public void close() {
    List<Shared> all;
    synchronized (byApplication) {
      closed = true;
      all = List.copyOf(byApplication.values());
    }
    for (Shared shared : all) {
      boolean running;
      synchronized (shared) {
        running = !shared.ended;
        shared.ended = true;
      }
      if (running) {
        stop(shared);
      }
    }
    all.forEach(shared -> shared.stopped.join());
    try {
      threads.stop();
    } catch (Exception e) {
      LOG.warn("The threads for servlets did not stop in order", e);
    }
  }

  private static final class Shared {
    final Object application;

    /** Completed when the container has stopped, and the application may be started again. */
    final CompletableFuture<Void> stopped = new CompletableFuture<>();

    /** Guarded by this object's monitor, as all below. Null until started. */
    ServletHost host;

    int leases;
    boolean ended;

    Shared(Object application) {
      this.application = application;
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

    /**
     * Gives the lease back, without waiting; after the last one the container stops. Idempotent.
     */
    @Override
    public void close() {
      boolean last = false;
      synchronized (shared) {
        if (!given) {
          given = true;
          last = --shared.leases == 0 && !shared.ended;
          shared.ended |= last;
        }
      }
      if (last) {
        stopElsewhere(shared);
      }
    }
  }
}
