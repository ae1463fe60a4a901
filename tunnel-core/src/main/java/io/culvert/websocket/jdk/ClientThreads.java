package io.culvert.websocket.jdk;

import java.net.http.HttpClient;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of one {@link HttpClient}, whose executor this is: its selector thread runs its tasks
 * itself, other threads give them to a thread that comes when needed. Thread-safe.
 */
final class ClientThreads implements Executor {
  private static final Logger log = LoggerFactory.getLogger(ClientThreads.class);

  /** How the JDK ends the name of a client's selector thread, from 11 to 25 at least. */
  private static final String SELECTOR_SUFFIX = "-SelectorManager";

  private static final long IDLE_SECONDS = 1;

  /** Its queue is bounded by what is put aside: a few tasks for each call of an application. */
  private final ThreadPoolExecutor aside;

  /** See {@link #afterThis}; selector thread only. */
  private final Queue<Runnable> afterwards = new ArrayDeque<>();

  /** The answer to the upgrade has come. */
  private volatile boolean upgraded;

  /** Down when the dial has an outcome, see {@link #stopUntilDialed}. */
  private final CountDownLatch dialed = new CountDownLatch(1);

  /** The thread that dials: of another client's selector threads perhaps, but not of this one's. */
  private final Thread dialing = Thread.currentThread();

  /** Null until it has run a task; set once, by itself. */
  private volatile Thread selector;

  // All below is guarded by this.

  /** How many tasks, one inside the other, the selector thread is running; written by it alone. */
  private int depth;

  /** The selector thread is to be interrupted when it runs no task. */
  private boolean interrupting;

  private boolean ended;

  ClientThreads(String name) {
    aside =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            work -> {
              Thread thread = new Thread(work, name);
              thread.setDaemon(true);
              return thread;
            });
    aside.allowCoreThreadTimeOut(true);
  }

  /** Whether this is the client's selector thread, inside one of its tasks. */
  boolean onSelector() {
    return Thread.currentThread() == selector;
  }

  @Override
  public void execute(Runnable task) {
    Thread caller = Thread.currentThread();
    if (selector == null && caller != dialing && caller.getName().endsWith(SELECTOR_SUFFIX)) {
      selector = caller;
    }
    if (onSelector()) {
      runHere(task);
    } else {
      aside.execute(task);
    }
  }

  private void runHere(Runnable task) {
    synchronized (this) {
      depth++;
    }
    try {
      runSafely(task);
      while (depth == 1 && !afterwards.isEmpty()) {
        runSafely(afterwards.remove());
      }
      if (depth == 1 && upgraded) {
        awaitDialed();
      }
    } finally {
      synchronized (this) {
        depth--;
        interruptWhenIdle();
      }
    }
  }

  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      // Thrown on, the JDK would run it a second time.
      log.error("a task of java.net.http failed", e);
    }
  }

  /** Runs it when the JDK has done what it is calling from. */
  void afterThis(Runnable task) {
    if (onSelector()) {
      afterwards.add(task);
    } else {
      aside(task);
    }
  }

  /**
   * Stops the selector thread, after the task it is doing or its next, until {@link #dialed}: so
   * that the socket is not read while other threads make the WebSocket.
   */
  void stopUntilDialed() {
    upgraded = true;
  }

  private void awaitDialed() {
    try {
      dialed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the thread is to end
    }
  }

  /** The dial has an outcome. Idempotent. */
  void dialed() {
    dialed.countDown();
  }

  /** Runs it soon, after what was put aside before; never on this thread, nor after the end. */
  void aside(Runnable task) {
    try {
      aside.execute(task);
    } catch (RejectedExecutionException e) {
      // The WebSocket has ended, and so has whatever this was about.
    }
  }

  /** Ends the client and all threads, after what was put aside before. Idempotent. */
  void end(HttpClient client) {
    dialed();
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
    }
    aside.execute(() -> close(client));
    aside.shutdown();
  }

  private void close(HttpClient client) {
    if (client instanceof AutoCloseable closeable) { // since Java 21
      // So that close() stops what is still under way, and only then waits.
      Thread.currentThread().interrupt();
      try {
        closeable.close();
      } catch (Exception e) {
        log.warn("an HttpClient did not close", e);
      }
      return;
    }
    // Before, a client ends when it is garbage; its thread, which holds a selector, also when it is
    // interrupted.
    synchronized (this) {
      interrupting = true;
      interruptWhenIdle();
    }
  }

  /** The monitor is held. What an application does in a callback must not be interrupted. */
  private void interruptWhenIdle() {
    if (interrupting && depth == 0 && selector != null) {
      selector.interrupt();
    }
  }
}
