package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.ends;
import static io.culvert.testkit.teeth.Tooth.fails;
import static io.culvert.testkit.teeth.Tooth.hearsNothing;
import static io.culvert.testkit.teeth.Tooth.tooth;

import java.nio.ByteBuffer;
import java.util.List;

/** Pings, pauses, and what is done inside callbacks. */
final class CallbackTeeth {
  private CallbackTeeth() {}

  static List<Tooth> pings() {
    return List.of(
        tooth(
            "a pong loses its last byte",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void onPong(ByteBuffer data) {
                            super.onPong(data.limit(Math.max(0, data.limit() - 1)));
                          }
                        }),
            fails("but was: <java.nio.HeapByteBuffer", "aPongCarriesThePingsData")),
        tooth(
            "a pong is told twice",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void onPong(ByteBuffer data) {
                            super.onPong(data.duplicate());
                            super.onPong(data);
                          }
                        }),
            fails(" after ", "pingsAndMessagesDoNotDisturbEachOther")));
  }

  static List<Tooth> pauses() {
    return List.of(
        tooth(
            "pause does nothing",
            () ->
                ends(
                    () ->
                        new Between() {
                          @Override
                          public void pause() {}
                        }),
            fails(
                "expected: ",
                "pauseInsideACallbackHoldsFromTheNextMessageOn",
                "theEndOfAPausedPeerComesAfterItsMessages"),
            fails(
                "expected: <", // on a slow machine another assertion
                "aPausedEndStallsItsPeerAndLosesNothing",
                "aPausedEndStallsItsPeerOverTls")),
        tooth(
            "pauses are counted",
            () -> ends(() -> new Pausing(Pausing.What.COUNTS)),
            hearsNothing("resumeWithoutPauseAndPauseTwiceDoNoHarm")),
        tooth(
            "a pause holds back what is sent",
            () -> ends(() -> new Pausing(Pausing.What.HOLDS_SENDS)),
            hearsNothing("aPausedEndStillSends")),
        tooth(
            "close waits for the resume",
            () -> ends(() -> new Pausing(Pausing.What.HOLDS_CLOSE)),
            hearsNothing("aPausedEndMayClose")),
        tooth(
            "abort waits for the resume",
            () -> ends(() -> new Pausing(Pausing.What.HOLDS_ABORT)),
            hearsNothing("abortEndsAPausedWebSocketAtOnce", "abortEndsAStalledWebSocketAtOnce")),
        tooth(
            "the first message after a resume is lost",
            () -> ends(() -> new Pausing(Pausing.What.LOSES)),
            fails(
                "expected message",
                "pausesFromOtherThreadsLoseAndReorderNothing",
                "pausesOverTlsLoseAndReorderNothing")));
  }

  static List<Tooth> insideCallbacks() {
    return List.of(
        tooth(
            "what is sent inside a callback is lost",
            () -> ends(() -> new Deaf(Deaf.To.SENDS)),
            hearsNothing(
                "whatIsSentInsideOnOpenArrivesFirst", "aListenerMayEchoInsideItsCallback")),
        tooth(
            "a close inside a callback is lost",
            () -> ends(() -> new Deaf(Deaf.To.CLOSE)),
            hearsNothing(
                "closeInsideOnOpenEndsBoth",
                "closeInsideOnBinaryEndsBoth",
                "closeInsideACompletionEndsBoth")),
        tooth(
            "an abort inside a callback is lost",
            () -> ends(() -> new Deaf(Deaf.To.ABORT)),
            hearsNothing("abortInsideOnOpenEndsBoth"),
            fails("Unexpected type", "abortInsideACallbackStillCallsOnCloseAfterIt")),
        tooth(
            "what a callback throws is swallowed",
            () -> ends(() -> new Throwing(false)),
            hearsNothing("aCallbackThatThrowsEndsItsWebSocketAndNoOther")),
        tooth(
            "a callback that throws closes with 1000",
            () -> ends(() -> new Throwing(true)),
            fails(
                "expected: <1011> but was: <1000>",
                "aCallbackThatThrowsEndsItsWebSocketAndNoOther")));
  }

  private static final class Pausing extends Between {
    enum What {
      COUNTS,
      HOLDS_SENDS,
      HOLDS_CLOSE,
      HOLDS_ABORT,
      LOSES
    }

    private final What what;

    // Guarded by this.
    private int pauses;
    private Runnable held = () -> {};

    private boolean resumed;

    Pausing(What what) {
      this.what = what;
    }

    @Override
    public void pause() {
      synchronized (this) {
        pauses++;
      }
      super.pause();
    }

    @Override
    public void resume() {
      Runnable waited;
      synchronized (this) {
        pauses = what == What.COUNTS ? Math.max(0, pauses - 1) : 0;
        if (pauses > 0) {
          return;
        }
        waited = held;
        held = () -> {};
        resumed = true;
      }
      super.resume();
      waited.run();
    }

    private synchronized boolean holds(What which, Runnable later) {
      if (what != which || pauses == 0) {
        return false;
      }
      Runnable before = held;
      held =
          () -> {
            before.run();
            later.run();
          };
      return true;
    }

    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      if (!holds(What.HOLDS_SENDS, () -> super.send(text, message, completion))) {
        super.send(text, message, completion);
      }
    }

    @Override
    public void close(int code, String reason) {
      if (!holds(What.HOLDS_CLOSE, () -> super.close(code, reason))) {
        super.close(code, reason);
      }
    }

    @Override
    public void abort() {
      if (!holds(What.HOLDS_ABORT, super::abort)) {
        super.abort();
      }
    }

    @Override
    void received(boolean text, ByteBuffer message) {
      if (!loses()) {
        super.received(text, message);
      }
    }

    private synchronized boolean loses() {
      boolean first = what == What.LOSES && resumed;
      resumed = false;
      return first;
    }
  }

  /** Deaf to one kind of command while a callback or a completion runs. */
  private static final class Deaf extends Between {
    enum To {
      SENDS,
      CLOSE,
      ABORT
    }

    private final To what;
    private final ThreadLocal<Boolean> inside = ThreadLocal.withInitial(() -> false);

    Deaf(To what) {
      this.what = what;
    }

    private void inside(Runnable callback) {
      inside.set(true);
      try {
        callback.run();
      } finally {
        inside.remove();
      }
    }

    private boolean isDeaf(To which) {
      return what == which && inside.get();
    }

    @Override
    void opened() {
      inside(super::opened);
    }

    @Override
    void received(boolean text, ByteBuffer message) {
      inside(() -> super.received(text, message));
    }

    @Override
    void send(boolean text, ByteBuffer message, Completion completion) {
      if (!isDeaf(To.SENDS)) {
        super.send(text, message, failure -> inside(() -> completion.written(failure)));
      }
    }

    @Override
    public void close(int code, String reason) {
      if (!isDeaf(To.CLOSE)) {
        super.close(code, reason);
      }
    }

    @Override
    public void abort() {
      if (!isDeaf(To.ABORT)) {
        super.abort();
      }
    }
  }

  private static final class Throwing extends Between {
    private final boolean closes;

    Throwing(boolean closes) {
      this.closes = closes;
    }

    private void guarded(Runnable callback) {
      try {
        callback.run();
      } catch (RuntimeException | Error e) {
        if (closes) {
          close(1000, "");
        }
      }
    }

    @Override
    void opened() {
      guarded(super::opened);
    }

    @Override
    void received(boolean text, ByteBuffer message) {
      guarded(() -> super.received(text, message));
    }

    @Override
    public void onPong(ByteBuffer data) {
      guarded(() -> super.onPong(data));
    }
  }
}
