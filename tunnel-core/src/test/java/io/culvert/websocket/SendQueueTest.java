package io.culvert.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.WebSocket.Completion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60) // a hang guard
class SendQueueTest {
  /** What the library was given, and holds until the test says that it is written. */
  private final List<String> given = new ArrayList<>();

  private final Queue<Completion> writing = new ArrayDeque<>();
  private final List<String> completed = new ArrayList<>();
  private final SendQueue queue =
      new SendQueue(
          (text, message, written) -> {
            given.add((text ? "text " : "binary ") + message.get());
            writing.add(written);
          });

  private void add(int number) {
    queue.add(number % 2 == 1, ByteBuffer.wrap(new byte[] {(byte) number}), outcome(number));
  }

  private Completion outcome(int number) {
    return failure -> completed.add(number + (failure == null ? "" : " " + failure.getMessage()));
  }

  @Test
  void theLibraryHasOneMessageAtATime() {
    for (int i = 0; i < 3; i++) {
      add(i);
    }
    assertEquals(List.of("binary 0"), given);
    assertEquals(List.of(), completed);
    writing.remove().written(null);
    assertEquals(List.of("binary 0", "text 1"), given);
    writing.remove().written(null);
    writing.remove().written(null);
    assertEquals(List.of("binary 0", "text 1", "binary 2"), given);
    assertEquals(List.of("0", "1", "2"), completed);
  }

  @Test
  void theCallersBufferIsLeftAlone() {
    ByteBuffer message = ByteBuffer.wrap(new byte[] {1, 2, 3}).position(1);
    queue.add(false, message, failure -> {});
    assertEquals(List.of("binary 2"), given);
    assertEquals(1, message.position());
  }

  @Test
  void aSecondReportOfOneMessageCountsForNothing() {
    add(0);
    add(1);
    Completion first = writing.remove();
    first.written(null);
    first.written(null);
    first.written(new IOException("late"));
    assertEquals(List.of("0"), completed);
    assertEquals(1, writing.size());
  }

  @Test
  void afterAFailedWriteEverythingFailsAndNothingIsGivenOut() {
    IOException broken = new IOException("broken");
    add(0);
    add(1);
    writing.remove().written(broken);
    add(2);
    assertEquals(List.of("0 broken", "1 broken", "2 broken"), completed);
    assertEquals(List.of("binary 0"), given);
  }

  @Test
  void aWriterThatThrowsHasFailed() {
    SendQueue throwing =
        new SendQueue(
            (text, message, written) -> {
              throw new IllegalStateException("gone");
            });
    throwing.add(false, ByteBuffer.allocate(1), outcome(0));
    throwing.add(false, ByteBuffer.allocate(1), outcome(1));
    assertEquals(List.of("0 gone", "1 gone"), completed);
  }

  @Test
  void aCompletionThatThrowsDoesNotKeepOthersFromRunning() {
    queue.add(
        false,
        ByteBuffer.allocate(1),
        failure -> {
          throw new AssertionError("deliberate, the test expects it");
        });
    add(1);
    writing.remove().written(null);
    writing.remove().written(null);
    assertEquals(List.of("1"), completed);
  }

  @Test
  void endDuringAWriteFailsEachOnceInOrder() {
    for (int i = 0; i < 3; i++) {
      add(i);
    }
    queue.end(new IOException("first"));
    queue.end(new IOException("second"));
    writing.remove().written(null);
    add(3);
    assertEquals(List.of("0 first", "1 first", "2 first", "3 first"), completed);
    assertEquals(List.of("binary 0"), given);
  }

  @Test
  void endInsideTheWriterFailsWhatIsBeingGivenOut() {
    AtomicReference<SendQueue> ending = new AtomicReference<>();
    ending.set(
        new SendQueue(
            (text, message, written) -> {
              ending.get().end(new IOException("inside"));
              written.written(null);
            }));
    ending.get().add(false, ByteBuffer.allocate(1), outcome(0));
    assertEquals(List.of("0 inside"), completed);
  }

  @Test
  void anEndWithoutAMessageNamesItsType() {
    queue.end(new java.nio.channels.ClosedChannelException());
    AtomicReference<Throwable> failure = new AtomicReference<>();
    queue.add(false, ByteBuffer.allocate(1), failure::set);
    assertEquals("java.nio.channels.ClosedChannelException", failure.get().getMessage());
  }

  @Test
  void theLastActionRunsOnceAfterAllSendsAndNothingComesAfterIt() {
    add(0);
    add(1);
    assertTrue(queue.last(() -> given.add("last")));
    assertFalse(queue.last(() -> given.add("never")));
    add(2);
    assertEquals(List.of("2 the WebSocket is closing"), completed);
    writing.remove().written(null);
    assertEquals(List.of("binary 0", "text 1"), given);
    writing.remove().written(null);
    assertEquals(List.of("binary 0", "text 1", "last"), given);
    add(3);
    assertEquals(
        List.of("2 the WebSocket is closing", "0", "1", "3 the WebSocket is closing"), completed);
  }

  @Test
  void theLastActionRunsAtOnceWhenNothingWaitsAndNeverAfterTheEnd() {
    assertTrue(queue.last(() -> given.add("last")));
    assertEquals(List.of("last"), given);
    SendQueue ended = new SendQueue((text, message, written) -> {});
    ended.add(false, ByteBuffer.allocate(1), outcome(0));
    assertTrue(ended.last(() -> given.add("never")));
    ended.end(new IOException("over"));
    assertFalse(ended.last(() -> given.add("never")));
    assertEquals(List.of("last"), given);
  }

  @Test
  void aLastActionThatThrowsEndsTheQueue() {
    queue.last(
        () -> {
          throw new IllegalStateException("closed already");
        });
    add(0);
    assertEquals(List.of("0 closed already"), completed);
  }

  /** Each completion sends the next; a stack of any size would overflow. */
  @Test
  void aWriterThatIsDoneAtOnceDoesNotGrowTheStack() {
    int count = 100_000;
    AtomicInteger done = new AtomicInteger();
    AtomicInteger nested = new AtomicInteger();
    SendQueue immediate = new SendQueue((text, message, written) -> written.written(null));
    Completion[] again = new Completion[1];
    again[0] =
        failure -> {
          assertNull(failure);
          assertEquals(1, nested.incrementAndGet());
          if (done.incrementAndGet() < count) {
            immediate.add(false, ByteBuffer.allocate(1), again[0]);
          }
          nested.decrementAndGet();
        };
    immediate.add(false, ByteBuffer.allocate(1), again[0]);
    assertEquals(count, done.get());
    for (int i = 0; i < count; i++) {
      immediate.add(false, ByteBuffer.allocate(1), failure -> done.incrementAndGet());
    }
    assertEquals(2 * count, done.get());
  }

  /** Senders on many threads, a writer that is done on another, sometimes at once, and the end. */
  @Test
  void underAllThisEachCompletionRunsOnceAndOneAtATime() throws Exception {
    ExecutorService library = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 200; round++) {
        endWhileSending(library, round);
      }
    } finally {
      library.shutdownNow();
    }
  }

  private static void endWhileSending(ExecutorService library, int round) throws Exception {
    int senders = 4;
    int each = 200;
    AtomicBoolean inWriter = new AtomicBoolean();
    List<String> violations = Collections.synchronizedList(new ArrayList<>());
    SendQueue shared =
        new SendQueue(
            (text, message, written) -> {
              if (!inWriter.compareAndSet(false, true)) {
                violations.add("two messages with the library");
              }
              Runnable report =
                  () -> {
                    inWriter.set(false);
                    written.written(null);
                  };
              if (message.getInt(0) % 3 == 0) {
                report.run();
              } else {
                library.execute(report);
              }
            });
    CountDownLatch completions = new CountDownLatch(senders * each);
    AtomicBoolean inCompletion = new AtomicBoolean();
    AtomicInteger failedSoFar = new AtomicInteger();
    CyclicBarrier together = new CyclicBarrier(senders + 1);
    List<Thread> threads = new ArrayList<>();
    for (int s = 0; s < senders; s++) {
      Thread thread =
          new Thread(
              () -> {
                await(together);
                AtomicInteger next = new AtomicInteger();
                for (int i = 0; i < each; i++) {
                  int number = i;
                  AtomicBoolean ran = new AtomicBoolean();
                  shared.add(
                      false,
                      ByteBuffer.allocate(4).putInt(0, number),
                      failure -> {
                        if (!inCompletion.compareAndSet(false, true)) {
                          violations.add("completions overlap");
                        }
                        if (!ran.compareAndSet(false, true)) {
                          violations.add("a completion ran twice");
                        }
                        if (failure == null && failedSoFar.get() > 0) {
                          violations.add("a success after a failure");
                        }
                        if (failure != null) {
                          failedSoFar.incrementAndGet();
                        } else if (next.getAndIncrement() != number) {
                          violations.add("out of order");
                        }
                        inCompletion.set(false);
                        completions.countDown();
                      });
                }
              },
              "send-queue-test-" + s);
      threads.add(thread);
      thread.start();
    }
    await(together);
    if (round % 2 == 0) {
      shared.end(new IOException("the end"));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertTrue(completions.await(30, TimeUnit.SECONDS), "a completion never ran");
    assertEquals(List.of(), violations);
    assertTrue(round % 2 == 0 || failedSoFar.get() == 0, "without an end nothing fails");
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
