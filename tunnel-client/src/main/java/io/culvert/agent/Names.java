package io.culvert.agent;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Looks up the addresses of one host, on a thread of its own: a look-up may take as long as the
 * name server likes. All who ask meanwhile get the same answer. Thread-safe.
 */
final class Names implements AutoCloseable {
  private static final long IDLE_SECONDS = 10;

  /** What a name stands for; may take long. */
  interface Lookup {
    InetAddress[] addresses(String host) throws UnknownHostException;
  }

  private final String host;
  private final Lookup system;
  private final ExecutorService thread;

  /** Guarded by this: the look-up that runs; null if none does. */
  private CompletableFuture<List<InetAddress>> running;

  Names(String host, String threadName, Lookup system) {
    this.host = host;
    this.system = system;
    ThreadPoolExecutor one =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread made = new Thread(task, threadName);
              made.setDaemon(true);
              return made;
            });
    one.allowCoreThreadTimeOut(true);
    thread = one;
  }

  /**
   * The addresses in the order to be tried; fails with {@link UnknownHostException}.
   *
   * @throws java.util.concurrent.RejectedExecutionException after {@link #close}
   */
  synchronized CompletableFuture<List<InetAddress>> lookUp() {
    if (running == null || running.isDone()) {
      CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
      thread.execute(() -> lookUp(answer));
      running = answer;
    }
    return running;
  }

  private void lookUp(CompletableFuture<List<InetAddress>> answer) {
    try {
      answer.complete(List.of(system.addresses(host)));
    } catch (UnknownHostException | RuntimeException e) {
      answer.completeExceptionally(e);
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
