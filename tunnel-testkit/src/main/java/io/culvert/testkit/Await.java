package io.culvert.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what cannot call back. Every wait ends a test that would hang, after 30 s. */
public final class Await {
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  private Await() {}

  /** Waits until the condition holds. */
  public static void until(String what, BooleanSupplier condition) {
    until(what, RecordingListener.HANG_GUARD, condition);
  }

  /** Waits until the condition holds, with another guard. */
  public static void until(String what, Duration guard, BooleanSupplier condition) {
    long deadline = System.nanoTime() + guard.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - deadline >= 0) {
        throw new AssertionError("waited " + guard.toSeconds() + " s in vain until " + what);
      }
      LockSupport.parkNanos(LOOK_AGAIN_NANOS);
    }
  }

  /** Waits until no thread has a name that begins like this. */
  public static void noThreads(String prefix) {
    try {
      until("no thread " + prefix + "* is left", () -> threads(prefix).isEmpty());
    } catch (AssertionError e) {
      throw new AssertionError(e.getMessage() + ", but there are " + threads(prefix), e);
    }
  }

  private static List<String> threads(String prefix) {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith(prefix))
        .toList();
  }
}
