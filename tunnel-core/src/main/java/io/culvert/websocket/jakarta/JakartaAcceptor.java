package io.culvert.websocket.jakarta;

import io.culvert.websocket.Feature;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocketAcceptor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What a {@link JakartaMount} makes: knows who is asked about upgrades, and which are open. */
final class JakartaAcceptor implements WebSocketAcceptor {
  static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final Limits limits;

  /** For what blocks in Jakarta; one thread for each WebSocket that is at it. */
  private final ExecutorService blocking;

  // All below is guarded by this.
  private final Set<JakartaWebSocket> open = new HashSet<>();

  /** Null before the start, and when nothing is accepted any more. */
  private UpgradeHandler handler;

  private boolean started;
  private boolean closed;

  JakartaAcceptor(ListenRequest request) {
    limits = request.limits();
    AtomicInteger threads = new AtomicInteger();
    blocking =
        Executors.newCachedThreadPool(
            task -> {
              String name = request.threadPrefix() + "-jakarta-" + threads.incrementAndGet();
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public synchronized void start(UpgradeHandler upgradeHandler) {
    Objects.requireNonNull(upgradeHandler, "handler");
    if (started || closed) {
      throw new IllegalStateException("an acceptor is started once, and not after it was closed");
    }
    started = true;
    handler = upgradeHandler;
  }

  /** Null if upgrades are not accepted. */
  synchronized UpgradeHandler handler() {
    return handler;
  }

  int maxMessageBytes() {
    return limits.maxMessageBytes();
  }

  @Override
  public InetSocketAddress address() {
    throw new IllegalStateException(
        "a hosted acceptor has no address of its own: ask the server that hosts its servlet");
  }

  @Override
  public Set<Feature> missing() {
    return Set.of(Feature.ANY_TEXT, Feature.ABORT_WITHOUT_CLOSE);
  }

  @Override
  public synchronized void stopListening() {
    handler = null;
  }

  @Override
  public void close() {
    List<JakartaWebSocket> ending;
    synchronized (this) {
      closed = true;
      handler = null;
      ending = List.copyOf(open);
    }
    ending.forEach(JakartaWebSocket::abort);
    blocking.shutdown();
    try {
      if (!blocking.awaitTermination(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
        blocking.shutdownNow();
      }
    } catch (InterruptedException e) {
      blocking.shutdownNow();
      Thread.currentThread().interrupt();
    }
  }

  /** Returns false if the acceptor was closed: the WebSocket must end. */
  synchronized boolean add(JakartaWebSocket webSocket) {
    return !closed && open.add(webSocket);
  }

  synchronized void remove(JakartaWebSocket webSocket) {
    open.remove(webSocket);
  }

  /** Runs what may block on a thread of the acceptor; on the caller's after {@link #close}. */
  void execute(Runnable task) {
    try {
      blocking.execute(task);
    } catch (RejectedExecutionException e) {
      task.run();
    }
  }

  /** Runs it when the time to close is over, unless the acceptor is closed by then. */
  void afterCloseTimeout(Runnable task) {
    Executor later =
        CompletableFuture.delayedExecutor(CLOSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS, blocking);
    later.execute(task);
  }
}
