package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends messages on one WebSocket and keeps count of their completions: that each runs once, and
 * that one succeeds only after all before it have. (One that is sent too late may fail before
 * earlier ones succeed.) Thread-safe.
 */
public final class Sends {
  private static final Duration QUIET = Duration.ofMillis(300);

  private final WebSocket webSocket;

  // Guarded by this; waiters are notified of every completion.
  private final List<String> violations = new ArrayList<>();
  private final List<Integer> outcomes = new ArrayList<>();
  private int succeeded;
  private int failed;

  public Sends(WebSocket webSocket) {
    this.webSocket = webSocket;
  }

  /** Sends a message. Calls must not overlap, or their order would be unknown. */
  public void send(ByteBuffer message) {
    webSocket.send(message, next());
  }

  /** Sends a text message, in one order with the others. Calls must not overlap. */
  public void sendText(ByteBuffer message) {
    webSocket.sendText(message, next());
  }

  private WebSocket.Completion next() {
    int number;
    synchronized (this) {
      number = outcomes.size();
      outcomes.add(0);
    }
    return failure -> completed(number, failure);
  }

  private synchronized void completed(int number, Throwable failure) {
    int times = outcomes.get(number) + 1;
    outcomes.set(number, times);
    if (times > 1) {
      violations.add("the completion of message " + number + " ran " + times + " times");
    }
    if (failure != null) {
      failed++;
    } else {
      if (number != succeeded) {
        violations.add("message " + number + " was written, but only " + succeeded + " before it");
      }
      succeeded++;
    }
    notifyAll(); // awaitCompleted
  }

  public synchronized int sent() {
    return outcomes.size();
  }

  public synchronized int succeeded() {
    return succeeded;
  }

  public synchronized int failed() {
    return failed;
  }

  public synchronized int pending() {
    return outcomes.size() - succeeded - failed;
  }

  /** Waits until every message is written or has failed, and checks what came. */
  public synchronized void awaitCompleted() {
    long deadline = System.nanoTime() + RecordingListener.HANG_GUARD.toNanos();
    try {
      while (succeeded + failed < outcomes.size()) {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        assertTrue(left > 0, () -> pending() + " completions never ran");
        wait(left); // for completed()
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
    assertEquals(List.of(), violations);
  }

  /**
   * Waits until nothing has been written for a while: what is pending then waits for the peer. A
   * machine that is slow makes this return early, which fails no test.
   */
  public synchronized void awaitStalled() {
    try {
      for (int before = -1; before != succeeded + failed; ) {
        before = succeeded + failed;
        long deadline = System.nanoTime() + QUIET.toNanos();
        for (long left = QUIET.toMillis(); left > 0; ) {
          wait(left); // for completed()
          left = (deadline - System.nanoTime()) / 1_000_000;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Waits until every message is written. */
  public void awaitAllSucceeded() {
    awaitCompleted();
    assertEquals(sent(), succeeded());
  }
}
