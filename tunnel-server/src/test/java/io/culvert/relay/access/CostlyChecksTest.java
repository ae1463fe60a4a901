package io.culvert.relay.access;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.relay.access.PublicAccess.Allowed;
import io.culvert.relay.access.PublicAccess.Decision;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CostlyChecksTest {
  private static final Decision YES = new Allowed(true);
  private static final Duration LONG = Duration.ofSeconds(30);

  /** Runs something while a check holds the only place. */
  static boolean whileOccupied(CostlyChecks checks, Runnable action) throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch end = new CountDownLatch(1);
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      var running = thread.submit(() -> checks.run(digest(99), () -> blocked(started, end)));
      assertTrue(started.await(10, TimeUnit.SECONDS));
      action.run();
      end.countDown();
      return running.get(10, TimeUnit.SECONDS).equals(Optional.of(YES));
    } finally {
      end.countDown();
      thread.shutdownNow();
    }
  }

  @Test
  void noMoreThreadsWaitThanAreAllowed() throws Exception {
    CostlyChecks checks = new CostlyChecks(1, 1, LONG);

    assertTrue(
        whileOccupied(
            checks, () -> assertEquals(Optional.empty(), checks.run(digest(1), () -> YES))));

    assertEquals(Optional.of(YES), checks.run(digest(1), () -> YES));
    assertEquals(0, checks.occupied(1));
  }

  @Test
  void whoseTurnDoesNotComeInTimeIsSentAway() throws Exception {
    CostlyChecks checks = new CostlyChecks(1, 8, Duration.ofMillis(1));
    AtomicInteger ran = new AtomicInteger();

    assertTrue(
        whileOccupied(
            checks,
            () ->
                assertEquals(
                    Optional.empty(),
                    checks.run(
                        digest(1),
                        () -> {
                          ran.incrementAndGet();
                          return YES;
                        }))));
    assertEquals(0, ran.get());
  }

  @Test
  void equalOnesWaitForTheResultOfTheFirst() throws Exception {
    CostlyChecks checks = new CostlyChecks(8, 8, LONG);
    CompletableFuture<Optional<Decision>> joined = new CompletableFuture<>();
    Thread joiner =
        new Thread(
            () ->
                joined.complete(
                    checks.run(
                        digest(99),
                        () -> {
                          throw new AssertionError("checked twice");
                        })));

    assertTrue(
        whileOccupied(
            checks,
            () -> {
              joiner.start();
              while (joiner.getState() != Thread.State.TIMED_WAITING && joiner.isAlive()) {
                pause(joiner); // until it waits for the result, or has failed
              }
            }));

    assertEquals(Optional.of(YES), joined.get(10, TimeUnit.SECONDS));
    joiner.join();
  }

  @Test
  void aCheckThatFailsLeavesNothingBehind() {
    CostlyChecks checks = new CostlyChecks(1, 1, LONG);
    assertThrows(
        IllegalStateException.class,
        () ->
            checks.run(
                digest(1),
                () -> {
                  throw new IllegalStateException("no such algorithm");
                }));
    assertEquals(Optional.of(YES), checks.run(digest(1), () -> YES));
  }

  private static Decision blocked(CountDownLatch started, CountDownLatch end) {
    started.countDown();
    try {
      assertTrue(end.await(10, TimeUnit.SECONDS));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return YES;
  }

  private static void pause(Thread thread) {
    try {
      thread.join(1);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ByteBuffer digest(int number) {
    return ByteBuffer.wrap(new byte[] {(byte) number});
  }
}
