package io.culvert.websocket.jetty;

import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;

/** A scheduler for Jetty whose thread can be waited for; Jetty's own ends some time later. */
final class TimerThread implements ThreadFactory {
  private final String name;
  private final ScheduledThreadPoolExecutor executor;

  /** Null until there is something to schedule. */
  private volatile Thread thread;

  /**
   * @param name what its daemon thread is named
   */
  TimerThread(String name) {
    this.name = name;
    // What is scheduled too late is of no use to anybody.
    executor = new ScheduledThreadPoolExecutor(1, this, new ThreadPoolExecutor.DiscardPolicy());
    executor.setRemoveOnCancelPolicy(true);
  }

  @Override
  public Thread newThread(Runnable work) {
    Thread made = new Thread(work, name);
    made.setDaemon(true);
    thread = made;
    return made;
  }

  /** Does not end the thread when it is stopped. */
  Scheduler scheduler() {
    return new ScheduledExecutorScheduler(executor);
  }

  /** Ends the thread, and waits for that. */
  void end(Duration atMost) throws InterruptedException {
    executor.shutdownNow();
    Thread ending = thread;
    if (ending != null) {
      ending.join(atMost.toMillis());
    }
  }
}
