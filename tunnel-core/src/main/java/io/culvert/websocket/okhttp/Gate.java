package io.culvert.websocket.okhttp;

import java.io.InterruptedIOException;

/** Where the reader waits while its WebSocket is paused. Thread-safe. */
final class Gate {
  // Guarded by this; waiters are notified of every change.
  private boolean shut;
  private boolean openForEver;

  synchronized void shut() {
    shut = !openForEver;
  }

  synchronized void open() {
    shut = false;
    notifyAll(); // pass
  }

  /** The WebSocket ends: nobody waits any more. */
  synchronized void openForEver() {
    openForEver = true;
    open();
  }

  /** Waits until the gate is open; the end of the WebSocket opens it at the latest. */
  synchronized void pass() throws InterruptedIOException {
    try {
      while (shut) {
        wait(); // for open()
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the WebSocket was paused");
    }
  }
}
