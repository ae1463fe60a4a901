package io.culvert.websocket.jetty;

import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;

/**
 * Asks the session for one frame after the other, unless it is paused. A frame that was asked for
 * before the pause waits here. Thread-safe.
 */
final class Incoming {

  /** Is given the frames, one at a time. */
  @FunctionalInterface
  interface Handler {
    /**
     * Handles one frame.
     *
     * @param callback to be completed when the frame is not used any more
     */
    void onFrame(Frame frame, Callback callback);
  }

  private record Arrived(Frame frame, Callback callback) {}

  private final WebSocketCoreSession session;
  private final Handler handler;

  // All below is guarded by this.

  /** A frame is with the handler; at first, {@link #start} has not been called. */
  private boolean busy = true;

  /** The session will give a frame. */
  private boolean demanded;

  private boolean paused;

  /** See {@link #drain}. */
  private boolean draining;

  /** Came during a pause; null if none did. */
  private Arrived waiting;

  Incoming(WebSocketCoreSession session, Handler handler) {
    this.session = session;
    this.handler = handler;
  }

  void start() {
    goOn();
  }

  /** A frame from the session, on its thread. */
  void onFrame(Frame frame, Callback callback) {
    synchronized (this) {
      demanded = false;
      if (paused) {
        waiting = new Arrived(frame, callback);
        return;
      }
      busy = true;
    }
    handler.onFrame(frame, callback);
    goOn();
  }

  private void goOn() {
    synchronized (this) {
      busy = false;
      if (paused || demanded) {
        return;
      }
      demanded = true;
    }
    demand();
  }

  synchronized void pause() {
    paused = !draining;
  }

  void resume() {
    Arrived arrived;
    synchronized (this) {
      if (!paused) {
        return;
      }
      paused = false;
      if (busy || demanded) {
        return;
      }
      arrived = waiting;
      waiting = null;
      busy = arrived != null;
      demanded = arrived == null;
    }
    if (arrived == null) {
      demand();
    } else {
      deliver(arrived);
    }
  }

  private void demand() {
    try {
      session.demand();
    } catch (RejectedExecutionException e) {
      // Its threads have ended, and so has the session: nothing will come.
    }
  }

  private void deliver(Arrived arrived) {
    try {
      session
          .getExecutor()
          .execute(
              () -> {
                handler.onFrame(arrived.frame(), arrived.callback());
                goOn();
              });
    } catch (RejectedExecutionException e) {
      arrived.callback().succeeded(); // its threads have ended, and so has the session
    }
  }

  /** Resumes for good: what comes is read to get at the peer's close frame. */
  void drain() {
    synchronized (this) {
      draining = true;
    }
    resume();
  }

  /** Gives the frame that waits back; when the session has ended. */
  void end() {
    Arrived arrived;
    synchronized (this) {
      arrived = waiting;
      waiting = null;
    }
    if (arrived != null) {
      arrived.callback().succeeded();
    }
  }
}
