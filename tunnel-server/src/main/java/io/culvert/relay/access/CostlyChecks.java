package io.culvert.relay.access;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Bounds what is spent on checking passwords: how many checks run, how many threads wait for one,
 * and how long. Equal ones that come while one runs wait for its result. Thread-safe.
 */
final class CostlyChecks {
  /** Of the 200 threads that a relay has. */
  static final int MAX_THREADS = 64;

  static final Duration TIMEOUT = Duration.ofSeconds(3);

  private final Semaphore threads;
  private final Semaphore running;
  private final Duration timeout;
  private final ConcurrentMap<ByteBuffer, CompletableFuture<Optional<PublicAccess.Decision>>>
      byDigest = new ConcurrentHashMap<>();

  /** Half of the processors, so that the other half is there for everybody else. */
  CostlyChecks() {
    this(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), MAX_THREADS, TIMEOUT);
  }

  CostlyChecks(int atOnce, int maxThreads, Duration timeout) {
    running = new Semaphore(atOnce, true);
    threads = new Semaphore(maxThreads);
    this.timeout = timeout;
  }

  /** Runs a check, or waits for the one that runs; empty if there is too much to do. */
  Optional<PublicAccess.Decision> run(ByteBuffer digest, Supplier<PublicAccess.Decision> check) {
    if (!threads.tryAcquire()) {
      return Optional.empty();
    }
    try {
      return first(digest, check);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } finally {
      threads.release();
    }
  }

  private Optional<PublicAccess.Decision> first(
      ByteBuffer digest, Supplier<PublicAccess.Decision> check) throws InterruptedException {
    CompletableFuture<Optional<PublicAccess.Decision>> mine = new CompletableFuture<>();
    CompletableFuture<Optional<PublicAccess.Decision>> other = byDigest.putIfAbsent(digest, mine);
    if (other != null) {
      return await(other);
    }
    Optional<PublicAccess.Decision> decision = Optional.empty();
    try {
      decision = inTurn(check);
      return decision;
    } finally {
      byDigest.remove(digest);
      mine.complete(decision); // wakes await(), also when the check has failed
    }
  }

  private Optional<PublicAccess.Decision> inTurn(Supplier<PublicAccess.Decision> check)
      throws InterruptedException {
    if (!running.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
      return Optional.empty();
    }
    try {
      return Optional.of(check.get());
    } finally {
      running.release();
    }
  }

  private Optional<PublicAccess.Decision> await(
      CompletableFuture<Optional<PublicAccess.Decision>> other) throws InterruptedException {
    try {
      // Its turn has to come, and then its check has to end.
      return other.get(2 * timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException | TimeoutException e) {
      return Optional.empty();
    }
  }

  /** How many threads are in here; for tests. */
  int occupied(int maxThreads) {
    return maxThreads - threads.availablePermits();
  }
}
