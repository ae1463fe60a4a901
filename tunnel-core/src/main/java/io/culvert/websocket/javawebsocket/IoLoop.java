package io.culvert.websocket.javawebsocket;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread with a selector: readiness of channels, tasks from other threads, and timers. */
final class IoLoop {
  private static final Logger log = LoggerFactory.getLogger(IoLoop.class);

  /** Holds one read of a socket: a full packet, its WebSocket header and some of the next. */
  private static final int READ_BUFFER_BYTES = 128 * 1024;

  /** Called on the loop thread. */
  interface Handler {
    void onReady(SelectionKey key);

    /** The loop ends: close the channel now. */
    void onLoopEnd();
  }

  /** A pending call, loop thread only. */
  static final class Timer {
    private final long at;
    private Runnable action;

    private Timer(long at, Runnable action) {
      this.at = at;
      this.action = action;
    }

    void cancel() {
      action = null;
    }
  }

  private final Thread thread;
  private final Selector selector;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private volatile boolean stopping;

  // Loop thread only.
  private final PriorityQueue<Timer> timers =
      new PriorityQueue<>(Comparator.comparingLong((Timer t) -> t.at));
  private final ByteBuffer readBuffer = ByteBuffer.allocate(READ_BUFFER_BYTES);

  /**
   * A loop that is not running yet.
   *
   * @param daemon whether the JVM may end while it runs
   */
  IoLoop(String threadName, boolean daemon) throws IOException {
    selector = Selector.open();
    thread = new Thread(this::run, threadName);
    thread.setDaemon(daemon);
  }

  void start() {
    thread.start();
  }

  /** Closes every channel of the loop and ends its thread. Any thread; idempotent. */
  void stop() {
    stopping = true;
    selector.wakeup();
  }

  /** Waits for the thread to end, but not when called on it. */
  void join(Duration atMost) throws InterruptedException {
    if (!inLoop()) {
      thread.join(Math.max(1, atMost.toMillis()));
    }
  }

  /** Whether the loop has ended or is about to: nothing may be registered any more. */
  boolean stopping() {
    return stopping;
  }

  boolean inLoop() {
    return Thread.currentThread() == thread;
  }

  /** Runs a task on the loop thread, after what runs there now. Dropped once the loop has ended. */
  void execute(Runnable task) {
    tasks.add(task);
    wakeup();
  }

  /** Makes changed interest sets take effect. */
  void wakeup() {
    if (!inLoop()) {
      selector.wakeup();
    }
  }

  /** Loop thread only. */
  Timer schedule(Duration delay, Runnable action) {
    Timer timer = new Timer(System.nanoTime() + delay.toNanos(), action);
    timers.add(timer);
    return timer;
  }

  /** Loop thread only. */
  SelectionKey register(SelectableChannel channel, int ops, Handler handler)
      throws ClosedChannelException {
    return channel.register(selector, ops, handler);
  }

  /** Scratch space for one read; its content does not outlive the handler's call. */
  ByteBuffer readBuffer() {
    return readBuffer.clear();
  }

  private void run() {
    try {
      while (!stopping) {
        if (tasks.isEmpty()) {
          selector.select(this::ready, millisToNextTimer());
        } else {
          selector.selectNow(this::ready);
        }
        runTasks();
        runTimers();
      }
    } catch (IOException e) {
      log.error("the selector broke, its sockets are dropped", e);
    } finally {
      end();
    }
  }

  private void ready(SelectionKey key) {
    try {
      ((Handler) key.attachment()).onReady(key);
    } catch (CancelledKeyException e) {
      // Another thread closed the channel; its handler learns of it by a task.
    } catch (RuntimeException | Error e) {
      // An Error too: it would end the thread, and with it every other socket of the loop.
      log.error("a socket's handler failed, its socket is dropped", e);
      ((Handler) key.attachment()).onLoopEnd();
    }
  }

  private void runTasks() {
    // Only those present now: a task that submits tasks must not starve the sockets.
    for (int n = tasks.size(); n > 0; n--) {
      Runnable task = tasks.poll();
      if (task == null) {
        return;
      }
      runSafely(task);
    }
  }

  private void runTimers() {
    long now = System.nanoTime();
    while (!timers.isEmpty() && timers.peek().at - now <= 0) {
      Runnable action = timers.poll().action;
      if (action != null) {
        runSafely(action);
      }
    }
  }

  private static void runSafely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      log.error("a task of the loop failed", e);
    }
  }

  /** 0 means no limit, as {@link Selector#select(long)} has it. */
  private long millisToNextTimer() {
    while (!timers.isEmpty() && timers.peek().action == null) {
      timers.poll();
    }
    if (timers.isEmpty()) {
      return 0;
    }
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(timers.peek().at - System.nanoTime()) + 1);
  }

  private void end() {
    stopping = true;
    for (SelectionKey key : new ArrayList<>(selector.keys())) {
      runSafely(((Handler) key.attachment())::onLoopEnd);
    }
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      runSafely(task);
    }
    try {
      selector.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
