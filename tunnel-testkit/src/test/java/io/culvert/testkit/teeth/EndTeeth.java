package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.ends;
import static io.culvert.testkit.teeth.Tooth.fails;
import static io.culvert.testkit.teeth.Tooth.hearsNothing;
import static io.culvert.testkit.teeth.Tooth.tooth;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Close, abort, and what is told of the end. */
final class EndTeeth {
  private EndTeeth() {}

  static List<Tooth> closing() {
    return List.of(
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
                "but was: <Close[code=1000",
                "aCloseCodeReachesBothListenersWhoeverCloses",
                "aCodeOfTheApplicationReachesBothListeners"),
            fails("code 1000", "bothMayCloseAtOnce"),
            fails("heard Close[code=1000", "manyThreadsMayCloseOneEnd"),
            fails("heard Close[code=1000", "bothEndsMayCloseFromManyThreads")),
        tooth(
            "reasons are not sent",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void close(int code, String reason) {
                            super.close(code, "");
                          }
                        }),
            fails(
                "but was: <Close[",
                "aCloseCodeReachesBothListenersWhoeverCloses",
                "aCodeOfTheApplicationReachesBothListeners")),
        tooth(
            "what may not be sent is ignored",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void close(int code, String reason) {
                            try {
                              super.close(code, reason);
                            } catch (IllegalArgumentException e) {
                              // Broken on purpose.
                            }
                          }

                          @Override
                          public void ping(ByteBuffer data) {
                            super.ping(data.slice(0, Math.min(125, data.remaining())));
                          }
                        }),
            fails(
                "IllegalArgumentException to be thrown",
                "aCodeThatMayNotBeSentIsRefused",
                "aReasonOfMoreThan123BytesIsRefused",
                "aPingOfMoreThan125BytesIsRefused")),
        tooth(
            "a close drops the last message",
            () -> ends(CloseOvertakes::new),
            fails("Unexpected type", "closingSendsWhatWasSentBefore")),
        tooth(
            "what is sent after a close is said to be written",
            () -> ends(() -> new AfterClose(false)),
            fails(
                "expected: <2> but was: <0>",
                "whatIsSentAfterCloseFailsAndDoesNotArrive",
                "afterTheEndSendsFailAndEverythingElseDoesNothing")),
        tooth(
            "a ping after a close throws",
            () -> ends(() -> new AfterClose(true)),
            fails("after the close", "aPingThatIsPendingAtTheEndDoesNoHarm"),
            fails("after the close", "afterTheEndSendsFailAndEverythingElseDoesNothing")),
        tooth(
            "a close does not wait for the peer",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void close(int code, String reason) {
                            super.close(code, reason);
                            owner().onClose(code, reason);
                          }
                        }),
            fails("expected: <1006> but was: <1000>", "aCloseThatIsNeverAnsweredDropsTheSocket"),
            fails("Violation", "closeRightAfterTheDialEndsBoth", "bothMayCloseAtOnce")),
        tooth(
            "the first close is ignored",
            () -> ends(FirstCloseIgnored::new),
            hearsNothing("closeRightAfterTheDialEndsBoth", "closeInsideACompletionEndsBoth")));
  }

  static List<Tooth> aborting() {
    return List.of(
        tooth(
            "abort does nothing",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void abort() {}
                        }),
            hearsNothing(
                "abortEndsBothSidesWith1006",
                "abortInsideOnOpenEndsBoth",
                "aBlackHoledPeerCanBeAborted",
                "abortEndsAPausedWebSocketAtOnce")),
        tooth(
            "abort closes politely",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void abort() {
                            close(1001, "");
                          }
                        }),
            fails("expected: <1006> but was: <1001>", "abortEndsBothSidesWith1006"),
            hearsNothing("aBlackHoledPeerCanBeAborted", "abortEndsAStalledWebSocketAtOnce")),
        tooth(
            "abort tells its end at once, inside the callback that calls it",
            () -> ends(AbortTellsAtOnce::new),
            fails("Unexpected type", "abortInsideACallbackStillCallsOnCloseAfterIt")));
  }

  static List<Tooth> telling() {
    return List.of(
        tooth(
            "onClose runs twice",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void onClose(int code, String reason) {
                            super.onClose(code, reason);
                            super.onClose(code, reason);
                          }
                        }),
            fails(
                "Violation",
                "manyThreadsMayCloseOneEnd",
                "bothEndsMayCloseFromManyThreads",
                "closeDuringSendsOfOtherThreadsCompletesEachOnce",
                "abortDuringSendsOfOtherThreadsCompletesEachOnce",
                "abortMayMeetClose",
                "everythingMayMeetTheEnd",
                "closeRightAfterTheDialEndsBoth",
                "queuedMessagesCompleteOnceWhenThePeerCloses",
                "aPingThatIsPendingAtTheEndDoesNoHarm")),
        tooth(
            "a message comes after onClose",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void onClose(int code, String reason) {
                            super.onClose(code, reason);
                            received(false, ByteBuffer.allocate(10));
                          }
                        }),
            fails("Violation", "framesAfterACloseAreIgnored")),
        tooth(
            "a lost socket is told as 1000",
            () -> ends(() -> new Told(1006, 1000)),
            fails(
                "expected: <1006> but was: <1000>",
                "theEndOfTheStreamIs1006AfterTheMessagesBeforeIt",
                "aBrokenSocketIs1006OnBothSides",
                "closingTheAcceptorAbortsItsWebSockets",
                "abortInsideACallbackStillCallsOnCloseAfterIt")),
        tooth(
            "a close without a code is told as 1000",
            () -> ends(() -> new Told(1005, 1000)),
            fails("expected: <1005> but was: <1000>", "aCloseFrameWithoutACodeIs1005")),
        tooth(
            "every end is told as 1011",
            () -> ends(() -> new Told(0, 1011)),
            fails(
                "heard Close[code=1011",
                "aViolationOfTheProtocolIs1002AndHarmsNobodyElse",
                "aCloseReasonThatIsNotUtf8EndsTheWebSocket",
                "aLengthThatNobodyTakesEndsTheWebSocketBeforeItsBytesCome",
                "fragmentsTogetherMustKeepTheLimit")));
  }

  private static final class CloseOvertakes extends Between {
    private Runnable held = () -> {};
    private Completion completion = failure -> {};

    @Override
    void send(boolean text, ByteBuffer message, Completion written) {
      held.run();
      held = () -> super.send(text, message, written);
      completion = written;
    }

    @Override
    public void close(int code, String reason) {
      super.close(code, reason);
      completion.written(new IOException("the WebSocket is closed"));
    }
  }

  private static final class AfterClose extends Between {
    private final boolean pingThrows;
    private volatile boolean closed;

    AfterClose(boolean pingThrows) {
      this.pingThrows = pingThrows;
    }

    @Override
    public void close(int code, String reason) {
      super.close(code, reason);
      closed = true;
    }

    @Override
    public void onClose(int code, String reason) {
      closed = true;
      super.onClose(code, reason);
    }

    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      if (closed && !pingThrows) {
        completion.written(null);
      } else {
        super.send(text, message, completion);
      }
    }

    @Override
    public void ping(ByteBuffer data) {
      if (closed && pingThrows) {
        throw new java.io.UncheckedIOException(new IOException("after the close"));
      }
      super.ping(data);
    }
  }

  private static final class FirstCloseIgnored extends Between {
    private boolean closed;

    @Override
    public synchronized void close(int code, String reason) {
      if (closed) {
        super.close(code, reason);
      }
      closed = true;
    }
  }

  private static final class AbortTellsAtOnce extends Between {
    private volatile boolean aborted;

    @Override
    public void abort() {
      aborted = true;
      owner().onClose(1006, "");
      super.abort();
    }

    @Override
    void received(boolean text, ByteBuffer message) {
      if (!aborted) {
        super.received(text, message);
      }
    }

    @Override
    public void onClose(int code, String reason) {
      if (!aborted) {
        super.onClose(code, reason);
      }
    }
  }

  /** Tells another code than that of the end; 0 stands for all. */
  static final class Told extends Between {
    private final int code;
    private final int instead;

    Told(int code, int instead) {
      this.code = code;
      this.instead = instead;
    }

    @Override
    public void onClose(int real, String reason) {
      super.onClose(code == 0 || code == real ? instead : real, reason);
    }
  }
}
