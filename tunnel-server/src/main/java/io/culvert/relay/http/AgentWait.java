package io.culvert.relay.http;

import io.culvert.relay.route.AgentLink;
import io.culvert.relay.route.Agents;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.util.thread.Scheduler;

/** Waits until an agent of a name may be there, or for so long, without a thread. Thread-safe. */
final class AgentWait {
  private final ForwardingHandler handler;
  private final String name;
  private final Set<AgentLink> tried;
  private final long nanos;
  private final AtomicBoolean over = new AtomicBoolean();

  /** Guarded by this: null until it is registered. */
  private Runnable unregister;

  /** Guarded by this: null until it is scheduled. */
  private Scheduler.Task timeout;

  AgentWait(ForwardingHandler handler, String name, Set<AgentLink> tried, long nanos) {
    this.handler = handler;
    this.name = name;
    this.tried = tried;
    this.nanos = nanos;
  }

  /** Exactly one of the two runs, elsewhere, unless the wait is cancelled before. */
  void start(Runnable onChange, Runnable onTimeout) {
    Runnable changed = () -> finish(onChange);
    Runnable cancel = handler.agents().whenChanged(name, changed);
    Scheduler.Task task =
        handler.scheduler().schedule(() -> finish(onTimeout), nanos, TimeUnit.NANOSECONDS);
    synchronized (this) {
      unregister = cancel;
      timeout = task;
    }
    // An agent may have come after the question that led here, and before this was registered.
    if (!(handler.agents().choose(name, tried) instanceof Agents.Away)) {
      changed.run();
    }
    if (over.get()) {
      release();
    }
  }

  private void finish(Runnable then) {
    if (over.compareAndSet(false, true)) {
      release();
      handler.execute(then);
    }
  }

  /** Nothing runs after this that was not running. Idempotent. */
  void cancel() {
    over.set(true);
    release();
  }

  private synchronized void release() {
    if (unregister != null) {
      unregister.run();
      timeout.cancel();
    }
  }
}
