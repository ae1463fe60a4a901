package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.ends;
import static io.culvert.testkit.teeth.Tooth.fails;
import static io.culvert.testkit.teeth.Tooth.hangs;
import static io.culvert.testkit.teeth.Tooth.hearsNothing;
import static io.culvert.testkit.teeth.Tooth.tooth;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;

/** The order of messages, and their completions. */
final class SendTeeth {
  private SendTeeth() {}

  static List<Tooth> order() {
    return List.of(
        tooth(
            "the first two messages change places",
            () -> ends(() -> new Swapping(false)),
            fails("expected: <0> but was: <1>", "messagesAndCompletionsKeepTheirOrder")),
        tooth(
            "binary messages overtake text",
            () -> ends(() -> new Swapping(true)),
            fails("but was: <Binary", "textAndBinaryKeepOneOrder")),
        tooth(
            "one message in a hundred is lost",
            () -> ends(Lossy::new),
            fails("order of sender", "concurrentSendersLoseNothingAndNothingStalls"),
            fails(
                "expected message 99",
                "packetsAtRateBothWaysKeepBytesAndOrder",
                "packetsAtRateOverTlsKeepBytesAndOrder"),
            fails("expected: <99> but was: <100>", "aPeerThatReadsAgainGetsEverythingInOrder")),
        tooth(
            "all WebSockets share one queue",
            () -> {
              Queue<Runnable> queue = new ArrayDeque<>();
              return ends(() -> new Queued(queue));
            },
            hearsNothing("onePeerThatStopsReadingDoesNotHarmOthers")));
  }

  static List<Tooth> completions() {
    return List.of(
        tooth(
            "a completion comes before the message is written",
            () -> ends(TooEarly::new),
            fails("StackOverflowError", "aCompletionMaySendAgainWithoutGrowingTheStack"),
            fails(
                "25 MiB must be more",
                "aPeerThatStopsReadingLeavesCompletionsPendingAndAbortFailsThem"),
            fails("expected: <true> but was: <false>", "aPeerThatReadsAgainGetsEverythingInOrder"),
            fails(
                "everything was written to a peer that does not read",
                "aPausedEndStallsItsPeerAndLosesNothing",
                "aPausedEndStallsItsPeerOverTls"),
            fails("expected: <true> but was: <false>", "onePeerThatStopsReadingDoesNotHarmOthers")),
        tooth(
            "a completion runs twice",
            () -> ends(CompletedTwice::new),
            fails(
                "ran 2 times",
                "messagesOfEverySizeArriveWholeBothWays",
                "queuedMessagesCompleteOnceWhenThePeerCloses",
                "closeDuringSendsOfOtherThreadsCompletesEachOnce",
                "abortDuringSendsOfOtherThreadsCompletesEachOnce",
                "abortMayMeetClose",
                "everythingMayMeetTheEnd")),
        tooth(
            "the first completion comes after the second",
            () -> ends(LateCompletion::new),
            fails("was written, but only 0 before it", "messagesAndCompletionsKeepTheirOrder")),
        tooth(
            "a completion that fails is forgotten",
            () -> ends(ForgottenFailure::new),
            hangs(
                "completions never ran",
                "abortEndsAStalledWebSocketAtOnce",
                "aPeerThatStopsReadingLeavesCompletionsPendingAndAbortFailsThem",
                "whatIsSentAfterCloseFailsAndDoesNotArrive",
                "afterTheEndSendsFailAndEverythingElseDoesNothing")),
        tooth(
            "a WebSocket with much to send is given up, as OkHttp's is",
            () -> ends(ImpatientQueue::new),
            fails(
                "expected: <4001> but was: <1006>", "aPeerThatClosesAndReadsNoMoreIsLeftInTime")));
  }

  /** Holds one message back until the next has gone; both if the first is of the same kind. */
  private static final class Swapping extends Between {
    private final boolean onlyText;
    private Runnable held;
    private boolean swapped;

    Swapping(boolean onlyText) {
      this.onlyText = onlyText;
    }

    @Override
    synchronized void send(boolean text, ByteBuffer message, Completion completion) {
      if (!swapped && held == null && (text || !onlyText)) {
        held = () -> super.send(text, message, completion);
        return;
      }
      super.send(text, message, completion);
      if (held != null) {
        held.run();
        held = null;
        swapped = true;
      }
    }
  }

  static final class Lossy extends Between {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      if (count.incrementAndGet() % 100 == 0) {
        completion.written(null);
      } else {
        super.send(text, message, completion);
      }
    }
  }

  /** Sends a message when all before it are written, of whatever WebSocket. */
  private static final class Queued extends Between {
    private final Queue<Runnable> queue;

    Queued(Queue<Runnable> queue) {
      this.queue = queue;
    }

    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      Runnable write =
          () ->
              super.send(
                  text,
                  message,
                  failure -> {
                    completion.written(failure);
                    next();
                  });
      boolean first;
      synchronized (queue) {
        first = queue.isEmpty();
        queue.add(write);
      }
      if (first) {
        write.run();
      }
    }

    private void next() {
      Runnable next;
      synchronized (queue) {
        queue.remove();
        next = queue.peek();
      }
      if (next != null) {
        next.run();
      }
    }
  }

  static final class TooEarly extends Between {
    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      super.send(text, message, failure -> {});
      completion.written(null);
    }
  }

  private static final class CompletedTwice extends Between {
    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      super.send(
          text,
          message,
          failure -> {
            completion.written(failure);
            completion.written(failure);
          });
    }
  }

  private static final class LateCompletion extends Between {
    private Runnable held;
    private boolean first = true;

    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      boolean late = first;
      first = false;
      super.send(text, message, failure -> completed(late, () -> completion.written(failure)));
    }

    private synchronized void completed(boolean late, Runnable completion) {
      if (late) {
        held = completion;
        return;
      }
      completion.run();
      if (held != null) {
        held.run();
        held = null;
      }
    }
  }

  private static final class ForgottenFailure extends Between {
    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      super.send(
          text,
          message,
          failure -> {
            if (failure == null) {
              completion.written(null);
            }
          });
    }
  }

  private static final class ImpatientQueue extends Between {
    private final AtomicInteger pending = new AtomicInteger();

    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      super.send(
          text,
          message,
          failure -> {
            pending.decrementAndGet();
            completion.written(failure);
          });
      if (pending.incrementAndGet() > 200) {
        abort();
      }
    }
  }
}
