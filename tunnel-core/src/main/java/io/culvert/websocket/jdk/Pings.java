package io.culvert.websocket.jdk;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;

/**
 * Sends pings one at a time, as the JDK wants it. Of those that come while one is being written
 * only the latest waits. Thread-safe.
 */
final class Pings {
  private final Function<ByteBuffer, CompletableFuture<?>> sender;

  /** Tells the pongs for {@link #probe} from others. */
  private final long mark = ThreadLocalRandom.current().nextLong();

  // All below is guarded by this.

  /** To be sent next; null if none is. */
  private ByteBuffer waiting;

  /** The JDK has one that is not written yet. */
  private boolean writing;

  /**
   * @param sender begins to send a ping; what it returns completes when that is over
   */
  Pings(Function<ByteBuffer, CompletableFuture<?>> sender) {
    this.sender = sender;
  }

  void ping(ByteBuffer data) {
    ByteBuffer copy = ByteBuffer.allocate(data.remaining()).put(data.duplicate()).flip();
    synchronized (this) {
      waiting = copy;
    }
    sendNext();
  }

  /** A ping whose pong is nobody's concern; not sent if another is on its way anyway. */
  void probe() {
    synchronized (this) {
      if (writing) {
        return;
      }
    }
    ping(ByteBuffer.allocate(Long.BYTES).putLong(0, mark));
  }

  /** Whether this pong answers a {@link #probe}. */
  boolean isProbe(ByteBuffer pong) {
    return pong.remaining() == Long.BYTES && pong.getLong(pong.position()) == mark;
  }

  private void sendNext() {
    ByteBuffer data;
    synchronized (this) {
      if (writing || waiting == null) {
        return;
      }
      data = waiting;
      waiting = null;
      writing = true;
    }
    CompletableFuture<?> unused = sender.apply(data).whenComplete((sent, failure) -> written());
  }

  private void written() {
    synchronized (this) {
      writing = false;
    }
    sendNext();
  }
}
