package io.culvert.websocket.jdk;

import java.time.Duration;

/**
 * Notices ends that the JDK does not report. Thread-safe.
 *
 * <p>A socket that ends without a close frame while no message is asked for is lost to the JDK for
 * good: its transport reads ahead, and fails with an {@code InternalError} of its own when the end
 * comes without demand ({@code TransportImpl.ReceiveTask}, {@code
 * WebSocketImpl.SignallingMessageConsumer.onComplete}; the same in JDK 17 and 25). That cannot
 * happen while the selector thread both reads and asks. When another thread has asked, after a
 * pause, it may have happened before: so if nothing is heard from then on, pings find out. A peer
 * that lives answers, or at least leaves the socket open; of one that does not the third ping
 * fails, because the JDK takes the first failure for success and the kernel the write before it.
 */
final class Watch {
  private static final Duration FIRST_LOOK = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofSeconds(16);

  /** What a watch needs of its WebSocket. */
  interface Subject {
    void after(Duration delay, Runnable action);

    /** Whether nothing is to be heard, because the listener paused. */
    boolean paused();

    void probe();

    /** The socket is broken. */
    void lost(Throwable reason);
  }

  private final Subject subject;

  // All below is guarded by this.

  /** A look is scheduled. */
  private boolean watching;

  /** Something was heard since the last look. */
  private boolean heard;

  /** The selector thread has heard something since another thread asked for messages. */
  private boolean sure = true;

  /** Why something could not be sent; null if all could. */
  private Throwable sendFailure;

  Watch(Subject subject) {
    this.subject = subject;
  }

  /** The JDK has reported something. */
  synchronized void heard(boolean onSelector) {
    heard = true;
    sure |= onSelector;
  }

  /** A thread other than the selector's is about to ask for messages. */
  void unsure() {
    synchronized (this) {
      sure = false;
      heard = false;
    }
    watch();
  }

  /** If the JDK says nothing about it soon, the WebSocket is lost. */
  void sendFailed(Throwable failure) {
    synchronized (this) {
      sendFailure = failure;
      heard = false;
    }
    watch();
  }

  /** The pause is over. */
  void resumed() {
    boolean needed;
    synchronized (this) {
      needed = sendFailure != null;
      heard = false;
    }
    if (needed) {
      watch();
    }
  }

  private void watch() {
    synchronized (this) {
      if (watching) {
        return;
      }
      watching = true;
    }
    lookAfter(FIRST_LOOK);
  }

  private void lookAfter(Duration delay) {
    subject.after(delay, () -> look(delay));
  }

  private void look(Duration delay) {
    boolean paused = subject.paused();
    Throwable broken;
    synchronized (this) {
      boolean silent = !heard;
      heard = false;
      if (paused || (sure && sendFailure == null)) {
        watching = false;
        return;
      }
      broken = silent ? sendFailure : null;
    }
    if (broken != null) {
      subject.lost(broken);
      return;
    }
    subject.probe();
    lookAfter(delay.compareTo(LONGEST) < 0 ? delay.multipliedBy(2) : delay);
  }
}
