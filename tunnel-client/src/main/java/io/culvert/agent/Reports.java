package io.culvert.agent;

import io.culvert.SocketConnection;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What agent and relay tell each other: the upstream's health one way, the public URL and the
 * requests the other way. Has two threads, which may wait for the relay. Thread-safe.
 */
final class Reports implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reports.class);

  private final RelayCalls relay;
  private final Consumer<? super RequestSeen> onRequest;
  private final ExecutorService tells = thread("culvert-agent-reports");
  private final ExecutorService hears = thread("culvert-agent-requests");
  private final AtomicLong requests = new AtomicLong();
  private volatile String url = "";

  /** Null: not checked yet. */
  private volatile HealthCheck.Result health;

  /**
   * @param onRequest null if nobody wants to know
   */
  Reports(SocketConnection connection, Consumer<? super RequestSeen> onRequest) {
    this.relay = new RelayCalls(connection);
    this.onRequest = onRequest;
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /** A new connection is there, which knows nothing yet. */
  void connected() {
    run(tells, "the public URL", () -> url = relay.url());
    HealthCheck.Result known = health;
    if (known != null) {
      tell(known);
    }
    if (onRequest != null) {
      run(hears, "the requests", () -> relay.requests(this::seen));
    }
  }

  private void seen(RequestSeen request) {
    requests.incrementAndGet();
    onRequest.accept(request);
  }

  /** The upstream was checked. */
  void checked(HealthCheck.Result result) {
    HealthCheck.Result before = health;
    health = result;
    if (before == null || before.healthy() != result.healthy()) {
      if (!result.healthy()) {
        LOG.warn("The upstream is not healthy: {}", result.reason());
      }
      tell(result);
    }
  }

  private void tell(HealthCheck.Result result) {
    run(tells, "the health", () -> relay.health(result.healthy(), result.reason()));
  }

  private interface Call {
    void run() throws IOException;
  }

  private static void run(ExecutorService thread, String what, Call call) {
    try {
      thread.execute(
          () -> {
            try {
              call.run();
            } catch (IOException | RuntimeException e) {
              LOG.debug("{} could not be exchanged with the relay", what, e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.debug("the agent is closed", e);
    }
  }

  String url() {
    return url;
  }

  long requests() {
    return requests.get();
  }

  HealthCheck.Result health() {
    return health;
  }

  @Override
  public void close() {
    tells.shutdownNow();
    hears.shutdownNow();
  }
}
