package io.culvert.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60) // a hang guard
class ListenerCallsTest {
  private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());

  /** Runs inside the callback of this name. */
  private String when = "";

  private Runnable action = () -> {};
  private final AtomicBoolean inside = new AtomicBoolean();
  private final ListenerCalls calls = new ListenerCalls(new Recording(), failures::add);

  private final class Recording implements WebSocketListener {
    private void hear(String callback) {
      if (!inside.compareAndSet(false, true)) {
        heard.add("overlap: ");
      }
      heard.add(callback);
      try {
        if (callback.startsWith(when) && !when.isEmpty()) {
          action.run();
        }
      } finally {
        inside.set(false);
      }
    }

    @Override
    public void onOpen(WebSocket webSocket) {
      hear("open");
    }

    @Override
    public void onBinary(ByteBuffer message) {
      hear("binary");
    }

    @Override
    public void onText(ByteBuffer message) {
      hear("text");
    }

    @Override
    public void onPong(ByteBuffer data) {
      hear("pong");
    }

    @Override
    public void onClose(int code, String reason) {
      hear("close " + code + " " + reason);
    }
  }

  private static ByteBuffer nothing() {
    return ByteBuffer.allocate(0);
  }

  @Test
  void callbacksPassInOrderAndNothingAfterTheEnd() {
    calls.open(null);
    calls.binary(nothing());
    calls.text(nothing());
    calls.pong(nothing());
    assertFalse(calls.ended());
    calls.close(1000, null);
    assertTrue(calls.ended());
    calls.close(1006, "late");
    calls.binary(nothing());
    calls.pong(nothing());
    assertEquals(List.of("open", "binary", "text", "pong", "close 1000 "), heard);
  }

  @Test
  void anEndInsideACallbackComesAfterIt() {
    for (String callback : List.of("open", "binary", "text", "pong")) {
      heard.clear();
      when = callback;
      ListenerCalls inner = new ListenerCalls(new Recording(), failures::add);
      action =
          () -> {
            inner.close(1006, "aborted");
            heard.add("still inside");
          };
      inner.open(null);
      inner.binary(nothing());
      inner.text(nothing());
      inner.pong(nothing());
      assertEquals(
          List.of(callback, "still inside", "close 1006 aborted"),
          heard.subList(heard.indexOf(callback), heard.size()));
    }
  }

  @Test
  void anEndInsideOnCloseIsIgnored() {
    when = "close";
    action = () -> calls.close(1000, "again");
    calls.open(null);
    calls.close(1001, "bye");
    assertEquals(List.of("open", "close 1001 bye"), heard);
  }

  @Test
  void ofSeveralEndsInsideACallbackTheFirstCounts() {
    when = "binary";
    action =
        () -> {
          calls.close(1006, "aborted");
          calls.close(1000, "too late");
        };
    calls.open(null);
    calls.binary(nothing());
    assertEquals(List.of("open", "binary", "close 1006 aborted"), heard);
  }

  @Test
  void anEndBeforeTheOpeningIsReportedAfterIt() {
    calls.close(1006, "early");
    assertEquals(List.of(), heard);
    calls.open(null);
    calls.binary(nothing());
    assertEquals(List.of("open", "close 1006 early"), heard);
  }

  @Test
  void messagesThatOverlapAreTheAdaptersMistake() {
    when = "binary";
    action = () -> assertThrows(IllegalStateException.class, () -> calls.text(nothing()));
    assertThrows(IllegalStateException.class, () -> calls.binary(nothing()));
    calls.open(null);
    assertThrows(IllegalStateException.class, () -> calls.open(null));
    calls.binary(nothing());
    assertEquals(List.of("open", "binary"), heard);
    assertEquals(List.of(), failures);
  }

  @Test
  void afterACallbackThatThrewOnlyTheEndIsReported() {
    when = "binary";
    action =
        () -> {
          throw new AssertionError("deliberate");
        };
    calls.open(null);
    calls.binary(nothing());
    calls.binary(nothing());
    calls.pong(nothing());
    assertEquals(1, failures.size());
    calls.close(1011, "");
    assertEquals(List.of("open", "binary", "close 1011 "), heard);
  }

  @Test
  void anOnCloseThatThrowsIsReportedToTheAdapter() {
    when = "close";
    action =
        () -> {
          throw new IllegalStateException("deliberate");
        };
    calls.open(null);
    calls.close(1000, "");
    calls.close(1006, "");
    assertEquals(1, failures.size());
    assertEquals(List.of("open", "close 1000 "), heard);
  }

  @Test
  void anEndFromAnotherThreadWaitsForTheCallbackAndRunsOnItsThread() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    AtomicReference<Thread> closer = new AtomicReference<>();
    when = "binary";
    action =
        () -> {
          Thread thread =
              new Thread(
                  () -> {
                    calls.close(1006, "lost");
                    ended.countDown();
                  },
                  "listener-calls-test");
          closer.set(thread);
          thread.start();
          try {
            ended.await(); // close() must not wait for this callback
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          heard.add("callback returns");
        };
    calls.open(null);
    calls.binary(nothing());
    closer.get().join();
    assertEquals(List.of("open", "binary", "callback returns", "close 1006 lost"), heard);
  }

  @Test
  void oneOfManyEndsIsReportedOnceWhateverRuns() throws Exception {
    for (int round = 0; round < 500; round++) {
      heard.clear();
      ListenerCalls raced = new ListenerCalls(new Recording(), failures::add);
      raced.open(null);
      CyclicBarrier together = new CyclicBarrier(4);
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        int number = i;
        threads.add(
            new Thread(
                () -> {
                  try {
                    together.await();
                  } catch (Exception e) {
                    throw new AssertionError(e);
                  }
                  for (int m = 0; number == 0 && m < 50; m++) {
                    raced.binary(nothing());
                  }
                  raced.close(4000 + number, "");
                },
                "listener-calls-race-" + i));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertEquals(1, heard.stream().filter(callback -> callback.startsWith("close")).count());
      assertTrue(heard.get(heard.size() - 1).startsWith("close"), heard::toString);
      assertFalse(heard.contains("overlap: "));
    }
    assertEquals(List.of(), failures);
  }
}
