package io.culvert.agent;

import io.culvert.jetty.SocketIo;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslClientConnectionFactory;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Connects one upstream, again and again, without a thread for each; tries the addresses of its
 * host in turn. Thread-safe.
 */
final class UpstreamConnector implements AutoCloseable {
  private final Upstream upstream;
  private final ConnectFailures failures;
  private final SslContextFactory.Client tls;
  private final SocketIo io;
  private final Names names;

  UpstreamConnector(Upstream upstream) {
    this(upstream, InetAddress::getAllByName);
  }

  UpstreamConnector(Upstream upstream, Names.Lookup lookup) {
    this.upstream = upstream;
    this.failures = new ConnectFailures(upstream);
    this.tls = upstream.newTls();
    this.io = new SocketIo("agent", upstream.connectTimeout(), tls);
    this.names = new Names(upstream.host(), "culvert-agent-names", lookup);
  }

  SocketIo io() {
    return io;
  }

  /**
   * Connects, and completes the promise exactly once, on a thread that must not be blocked. Fails
   * it with an {@link UpstreamException}.
   */
  void connect(Promise<EndPoint> promise) {
    new Attempt(promise).begin();
  }

  @Override
  public void close() {
    names.close();
    io.close();
  }

  /** One connect, which may try several addresses. */
  private final class Attempt {
    private final Promise<EndPoint> promise;
    private final List<SocketAddress> addresses = new ArrayList<>();

    /** Guarded by this. */
    private boolean over;

    /** Guarded by this: the address that is tried; those before have failed or taken too long. */
    private int trying = -1;

    /** Guarded by this: what became of those before; null at first. */
    private UpstreamException failure;

    /** Guarded by this: all that were connected, TLS included or not. */
    private final List<EndPoint> sockets = new ArrayList<>();

    private volatile Scheduler.Task deadline;
    private volatile Scheduler.Task next;

    Attempt(Promise<EndPoint> promise) {
      this.promise = promise;
    }

    void begin() {
      try {
        deadline = later(upstream.connectTimeout().toMillis(), () -> fail(failures.timeout()));
        if (upstream.unix().isPresent()) {
          addresses.add(upstream.unix().get());
          tryNext(-1);
        } else {
          CompletableFuture<?> unused = names.lookUp().whenComplete(this::lookedUp);
        }
      } catch (RejectedExecutionException e) {
        fail(failures.stopping());
      }
    }

    private void lookedUp(List<InetAddress> found, Throwable unknown) {
      if (unknown != null) {
        Throwable cause = unknown instanceof CompletionException ? unknown.getCause() : unknown;
        fail(failures.connecting(cause));
        return;
      }
      for (InetAddress address : found) {
        addresses.add(new InetSocketAddress(address, upstream.port()));
      }
      tryNext(-1);
    }

    /** Goes on after that address, unless that has happened. */
    private void tryNext(int after) {
      int number = after + 1;
      UpstreamException before;
      synchronized (this) {
        if (over || trying != after) {
          return;
        }
        trying = number;
        before = failure;
      }
      if (number == addresses.size()) {
        fail(before == null ? failures.timeout() : before);
        return;
      }
      if (number < addresses.size() - 1) {
        long share = upstream.connectTimeout().toMillis() / addresses.size();
        next = later(Math.max(1, share), () -> tryNext(number));
      }
      io.connect(
          addresses.get(number), connections(), Promise.from(c -> {}, e -> failed(number, e)));
    }

    private ClientConnectionFactory connections() {
      ClientConnectionFactory plain =
          (endPoint, context) -> {
            synchronized (this) {
              if (over) {
                throw failures.timeout(); // Jetty closes it
              }
              sockets.add(endPoint);
            }
            return new UpstreamConnection(
                endPoint, io.executor(), this::connected, e -> fail(failures.untrusted(e)));
          };
      return tls == null
          ? plain
          : new SslClientConnectionFactory(tls, io.buffers(), io.executor(), plain);
    }

    private void failed(int number, Throwable why) {
      synchronized (this) {
        failure = ConnectFailures.worse(failure, failures.connecting(why));
      }
      tryNext(number);
    }

    private void connected(EndPoint endPoint) {
      if (decide(endPoint)) {
        promise.succeeded(endPoint);
      }
    }

    private void fail(UpstreamException why) {
      if (decide(null)) {
        promise.failed(why);
      }
    }

    /** Closes all sockets but this one, and this one too if it comes late. */
    private boolean decide(EndPoint kept) {
      boolean first;
      List<EndPoint> unwanted;
      synchronized (this) {
        first = !over;
        over = true;
        unwanted = new ArrayList<>(sockets);
        sockets.clear();
      }
      if (first) {
        cancel(deadline);
        cancel(next);
        unwanted.remove(kept);
      }
      unwanted.forEach(EndPoint::close);
      return first;
    }

    private Scheduler.Task later(long millis, Runnable task) {
      return io.scheduler().schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    private static void cancel(Scheduler.Task task) {
      if (task != null) {
        task.cancel();
      }
    }
  }
}
