package io.culvert.connection;

import io.culvert.websocket.WebSocket;
import java.util.function.Consumer;

/**
 * The WebSocket that carries a connection, and the one before until nothing is expected of it. The
 * connection's lock guards it.
 */
final class SocketSlot {
  private final Consumer<Runnable> later;

  /** The newest, open or not; null before the first was opened. */
  private WebSocket socket;

  private boolean closed;

  /** Null if there is none. */
  private WebSocket previous;

  /**
   * @param later runs what must not run with the lock held
   */
  SocketSlot(Consumer<Runnable> later) {
    this.later = later;
  }

  /** The newest WebSocket, open or not; null before the first was opened. */
  WebSocket socket() {
    return socket;
  }

  /** The newest WebSocket if it is open; else null. */
  WebSocket open() {
    return closed ? null : socket;
  }

  /** Whether the newest has ended, or is of no use. */
  boolean closed() {
    return closed;
  }

  /** The newest has ended, or is somebody else's. */
  void close() {
    closed = true;
  }

  /** From here on this one carries the connection. */
  void take(WebSocket next) {
    dropPrevious();
    previous = open();
    socket = next;
    closed = false;
  }

  /** The newest is of no use any more, nor is the one before. */
  void drop() {
    abort();
    closed = true;
    dropPrevious();
  }

  /** Drops the newest if it is open. */
  void abort() {
    if (open() != null) {
      later.accept(socket::abort);
    }
  }

  /** Nothing is expected of the one before. */
  void dropPrevious() {
    if (previous != null) {
      later.accept(previous::abort);
      previous = null;
    }
  }
}
