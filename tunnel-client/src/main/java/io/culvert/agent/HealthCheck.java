package io.culvert.agent;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.thread.Scheduler;

/** Connects the upstream now and then, to find out whether it is there. Thread-safe. */
final class HealthCheck {
  private final UpstreamConnector connector;
  private final Duration interval;
  private final Consumer<Result> onResult;

  /** Guarded by this. */
  private boolean closed;

  /** Guarded by this: the next check; null while one runs. */
  private Scheduler.Task next;

  /**
   * What a check has found.
   *
   * @param reason empty if it is healthy
   */
  record Result(boolean healthy, String reason) {}

  /**
   * @param interval from the end of a check to the next
   * @param onResult must not block
   */
  HealthCheck(UpstreamConnector connector, Duration interval, Consumer<Result> onResult) {
    this.connector = connector;
    this.interval = Objects.requireNonNull(interval, "interval");
    this.onResult = onResult;
  }

  /** Checks now, and then again and again. */
  void check() {
    connector.connect(
        Promise.from(
            endPoint -> {
              endPoint.close();
              found(new Result(true, ""));
            },
            why -> found(new Result(false, String.valueOf(why.getMessage())))));
  }

  private void found(Result result) {
    synchronized (this) {
      if (closed) {
        return;
      }
      next =
          connector
              .io()
              .scheduler()
              .schedule(this::check, interval.toMillis(), TimeUnit.MILLISECONDS);
    }
    onResult.accept(result);
  }

  synchronized void close() {
    closed = true;
    if (next != null) {
      next.cancel();
    }
  }
}
