package io.culvert.swaggersocket;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Messages of the peer that were not read yet, and whether the peer has to wait until they are. At
 * most {@link #BOUND} bytes and one message more, or two messages. Guarded by the connection's
 * lock.
 */
final class SwaggerInput {
  /** Unread bytes beyond which the WebSocket is paused. */
  static final int BOUND = 256 << 10;

  /** What a message costs besides its bytes, so that many small ones count. */
  private static final int MESSAGE_OVERHEAD = 128;

  private final ArrayDeque<ByteBuffer> messages = new ArrayDeque<>();
  private long unread;

  /** The first message was read in part. */
  private boolean begun;

  /** Takes a message that is not empty. */
  void add(ByteBuffer message) {
    messages.add(message);
    unread += message.remaining();
  }

  long unread() {
    return unread;
  }

  /** Messages of which nothing was read. */
  int untouched() {
    return messages.size() - (begun ? 1 : 0);
  }

  /** Reads from one message, so that a reader sees where the peer ended it; 0 if there is none. */
  int read(ByteBuffer target) {
    ByteBuffer message = messages.peek();
    if (message == null || !target.hasRemaining()) {
      return 0;
    }
    int count = Math.min(message.remaining(), target.remaining());
    target.put(message.slice(message.position(), count));
    message.position(message.position() + count);
    begun = message.hasRemaining();
    if (!begun) {
      messages.remove();
    }
    unread -= count;
    return count;
  }

  /** Drops the rest of a message of which something was read. */
  void dropBegun() {
    if (begun) {
      unread -= messages.remove().remaining();
      begun = false;
    }
  }

  void clear() {
    messages.clear();
    unread = 0;
    begun = false;
  }

  /**
   * Whether the WebSocket is to be paused. Not for one message alone: a pause hides the peer's end
   * from whoever works on that message, and no other is due before its answer.
   */
  boolean full() {
    return unread + (long) MESSAGE_OVERHEAD * messages.size() > BOUND && messages.size() > 1;
  }
}
