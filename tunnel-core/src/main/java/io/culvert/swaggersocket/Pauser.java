package io.culvert.swaggersocket;

import io.culvert.websocket.WebSocket;

/**
 * Makes the WebSocket wait while the input is full. One thread at a time tells it, so that of two
 * decisions the later one is the last to be told.
 */
final class Pauser {
  private final SwaggerDriver driver;

  // Guarded by the connection's lock.
  /** What the WebSocket was told. */
  private boolean paused;

  /** A thread is telling it. */
  private boolean telling;

  Pauser(SwaggerDriver driver) {
    this.driver = driver;
  }

  /** Lock held: whether {@link #tell} has something to do; if so, the caller has to call it. */
  boolean claim() {
    if (telling || driver.socket() == null || driver.input().full() == paused) {
      return false;
    }
    telling = true;
    return true;
  }

  /** Not under the lock: tells what {@link #claim} has promised, and what is decided meanwhile. */
  void tell() {
    while (true) {
      WebSocket socket;
      boolean pause;
      driver.lock().lock();
      try {
        telling = false;
        if (!claim()) {
          return;
        }
        socket = driver.socket();
        pause = driver.input().full();
        paused = pause;
      } finally {
        driver.lock().unlock();
      }
      if (pause) {
        socket.pause();
      } else {
        socket.resume();
      }
    }
  }
}
