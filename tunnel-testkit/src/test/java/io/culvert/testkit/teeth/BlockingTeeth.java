package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.dials;
import static io.culvert.testkit.teeth.Break.ends;
import static io.culvert.testkit.teeth.Tooth.fails;
import static io.culvert.testkit.teeth.Tooth.hangs;
import static io.culvert.testkit.teeth.Tooth.tooth;

import io.culvert.websocket.Feature;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What the blocking facade cannot make good if its adapter breaks it. */
final class BlockingTeeth {
  /** What the facade does by itself, whatever its adapter does. */
  static final Set<String> BY_HAND =
      Set.of(
          "aPingOfMoreThan125BytesIsRefused",
          "anExpiredDeadlineFailsWithoutIo",
          "anInterruptedReadOrPingLeavesTheConnectionAsItWas",
          "anInterruptedWriteAborts",
          "closeDoesNotWaitForEverForAPeerThatIsSilent",
          "closeDropsWhatWasNotRead",
          "dialsClosesAndAbortsMayMeet",
          "messagesKnowTheirText",
          "theLibrarysConnectionIsThereWhileThereIsOne",
          "whatMayNotBeSentIsRefusedAndTheConnectionLives",
          "withoutAConnectionEveryMethodFails");

  private BlockingTeeth() {}

  static List<Tooth> all() {
    return List.of(
        tooth(
            "a broken connection is a refusal",
            () -> dials(DialTeeth::dialRefused),
            fails("expected: <false> but was: <true>", "aDialWithoutAServerFails")),
        tooth(
            "a refusal has no status",
            () -> dials(DialTeeth.refusalsAs(0)),
            fails("expected: <403> but was: <0>", "aSecondDialThatFailsLeavesNoConnection")),
        tooth(
            "a message loses its last byte",
            () -> ends(MessageTeeth.Shortened::new),
            fails(
                "expected: <",
                "messagesOfEverySizeAreEchoed",
                "textIsUtf8",
                "aTimeoutMayBeLongerThanAnybodyWaits",
                "aReadWithoutAMessageTimesOut",
                "manyThreadsReadWriteAndPingAtOnce")),
        tooth(
            "text becomes a string on its way out",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          void send(boolean text, ByteBuffer message, Completion completion) {
                            super.send(text, MessageTeeth.asString(message), completion);
                          }
                        }),
            fails("expected: <Text", "bytesThatAreNotUtf8ComeBackAsTheyWent")),
        tooth(
            "one message in a hundred is lost",
            () -> ends(SendTeeth.Lossy::new),
            fails("but was: <Binary", "manyMessagesKeepTheirOrder")),
        tooth(
            "a completion comes before the message is written",
            () -> ends(SendTeeth.TooEarly::new),
            fails("SocketTimeoutException to be thrown", "aWriteThatStallsTimesOutAndAborts")),
        tooth(
            "pongs are not told",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void onPong(ByteBuffer data) {}
                        }),
            hangs(
                "TimeoutException",
                "aPingIsAnswered",
                "pingsOfManyThreadsAreAllAnswered",
                "aPongAnswersThePingsBeforeItsOwn")),
        tooth(
            "a ping counts as its own pong",
            () -> ends(OwnPong::new),
            fails("SocketTimeoutException to be thrown", "aPingWithoutAnAnswerTimesOut"),
            fails("expected: <true> but was: <false>", "aPongWithOtherDataAnswersNothing")),
        tooth(
            "a ping that is said to be missing does nothing",
            PingsMissing::new,
            hangs("SocketTimeoutException", "withoutPingsALibrarySaysSo")),
        tooth(
            "pause does nothing",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void pause() {}
                        }),
            fails("expected: <", "whatNobodyReadsMakesThePeerWait")),
        tooth(
            "a close does not wait for the peer",
            () -> ends(EarlyClose::new),
            fails("expected: <true> but was: <false>", "closeWaitsForTheAnswerOfThePeer")),
        tooth(
            "every close is a 1000",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void close(int code, String reason) {
                            super.close(1000, reason);
                          }
                        }),
            fails(
                "expected: <1001> but was: <1000>",
                "aSecondDialClosesTheFirstConnectionAndReplacesIt",
                "aSecondDialThatFailsLeavesNoConnection"),
            fails("expected: <4000> but was: <1000>", "whatWaitsFailsWhenThisSideEnds"),
            fails(
                "but was: <Close[code=1000",
                "closeSendsItsCodeAndThenEveryMethodFails",
                "closeGetsThroughThoughMuchWaitsToBeRead")),
        tooth(
            "a close without a code is told as 1000",
            () -> ends(() -> new EndTeeth.Told(1005, 1000)),
            fails(
                "expected: <1005> but was: <1000>", "aCloseFrameWithoutACodeIs1005AndNoneIs1006")),
        tooth(
            "a lost socket is told as 1000",
            () -> ends(() -> new EndTeeth.Told(1006, 1000)),
            fails(
                "expected: <1006> but was: <1000>",
                "aCloseFrameWithoutACodeIs1005AndNoneIs1006",
                "aWriteThatWaitsFailsWhenTheConnectionEnds")),
        tooth(
            "every end is told as 1011",
            () -> ends(() -> new EndTeeth.Told(0, 1011)),
            fails("expected: <1000> but was: <1011>", "afterThePeerClosedEveryMethodTellsItsCode"),
            fails("expected: <4001> but was: <1011>", "whatWaitsFailsWhenThePeerCloses")),
        tooth(
            "abort does nothing",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void abort() {}
                        }),
            hangs("no event within", "abortDropsTheSocket")));
  }

  private static final class PingsMissing extends Break {
    @Override
    Set<Feature> missing(Set<Feature> missing) {
      return EnumSet.of(Feature.PING);
    }

    @Override
    Between between(Side side) {
      return new Between() {
        @Override
        public void ping(ByteBuffer data) {}
      };
    }
  }

  /** Pongs first, and sends the ping when the caller's thread has ended. */
  private static final class OwnPong extends Between {
    @Override
    public void ping(ByteBuffer data) {
      afterThisThread(() -> super.ping(data));
      onPong(data.duplicate());
    }
  }

  /** Tells the end first, and sends the close frame when the caller's thread has ended. */
  private static final class EarlyClose extends Between {
    @Override
    public void close(int code, String reason) {
      afterThisThread(() -> super.close(code, reason));
      owner().onClose(code, reason);
    }
  }

  private static void afterThisThread(Runnable work) {
    Thread caller = Thread.currentThread();
    Thread later =
        new Thread(
            () -> {
              try {
                caller.join();
                work.run();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            },
            "teeth-late");
    later.setDaemon(true);
    later.start();
  }
}
