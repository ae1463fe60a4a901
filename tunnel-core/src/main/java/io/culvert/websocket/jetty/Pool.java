package io.culvert.websocket.jetty;

import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** The threads of one Jetty, started as they are needed; it knows them. */
final class Pool extends QueuedThreadPool {
  /** Jetty wants some for its own loops, and more are needed only if listeners block. */
  private static final int MAX_THREADS = 200;

  private static final int IDLE_MILLIS = 10_000;

  /**
   * @param name threads are named {@code <name>-<number>}
   */
  Pool(String name, boolean daemon) {
    super(MAX_THREADS, 1, IDLE_MILLIS);
    setName(name);
    setDaemon(daemon);
  }

  private static final class Worker extends Thread {
    final Pool pool;

    Worker(Pool pool, Runnable work) {
      super(work);
      this.pool = pool;
    }
  }

  @Override
  public Thread newThread(Runnable work) {
    Thread thread = new Worker(this, work);
    thread.setName(getName() + "-" + thread.getId());
    thread.setDaemon(isDaemon());
    return thread;
  }

  /** Whether this is one of its threads: that must not wait for them to end. */
  boolean inside() {
    return Thread.currentThread() instanceof Worker worker && worker.pool == this;
  }
}
