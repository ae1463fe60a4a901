package io.culvert.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * How long a command runs: until a signal, or until what it runs has ended by itself. The first
 * signal lets what is under way finish; the second ends the process at once.
 */
final class Lifetime {
  private final CompletableFuture<Integer> end = new CompletableFuture<>();

  /** Takes the process's signals from now on. */
  static Lifetime ofProcess() {
    Lifetime lifetime = new Lifetime();
    Signals.onEnd(
        status -> {
          if (!lifetime.end.complete(status)) {
            Runtime.getRuntime().halt(status);
          }
        });
    return lifetime;
  }

  /** Ends it, unless it has ended: {@link #await} returns the status. */
  void end(int status) {
    end.complete(status);
  }

  /** Ends it, unless it has ended: {@link #await} throws. */
  void fail(CliException why) {
    end.completeExceptionally(why);
  }

  /**
   * Waits for the end, however long that takes.
   *
   * @return the exit status
   * @throws CliException what {@link #fail} was given
   */
  int await() {
    try {
      return end.get();
    } catch (ExecutionException e) {
      throw (CliException) e.getCause();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCodes.FAILED;
    }
  }
}
