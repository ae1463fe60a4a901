package io.culvert.swaggersocket;

import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Who waits to open the stream, the first one first. Guarded by the connection's lock. */
final class Turns {
  private final ReentrantLock lock;
  private final ArrayDeque<Condition> queue = new ArrayDeque<>();

  Turns(ReentrantLock lock) {
    this.lock = lock;
  }

  /**
   * Whether nobody is before the caller.
   *
   * @param turn null if the caller has not waited
   */
  boolean first(Condition turn) {
    return queue.peek() == turn;
  }

  /** Joins the queue: what is returned is to be waited for, and to be left in the end. */
  Condition join() {
    Condition turn = lock.newCondition();
    queue.add(turn);
    return turn;
  }

  void leave(Condition turn) {
    queue.remove(turn);
  }

  /** The stream is free. */
  void wakeFirst() {
    if (!queue.isEmpty()) {
      queue.peek().signal(); // its turn
    }
  }

  /** No stream will be opened any more. */
  void wakeAll() {
    queue.forEach(Condition::signal);
  }
}
