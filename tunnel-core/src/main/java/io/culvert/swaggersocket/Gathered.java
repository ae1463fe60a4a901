package io.culvert.swaggersocket;

import java.nio.ByteBuffer;

/** Bytes that are to be one message. Not thread-safe; whoever adds bounds them. */
final class Gathered {
  private static final int FIRST_BYTES = 1 << 10;

  /** Filled up to its position; null while there are none. */
  private ByteBuffer bytes;

  int size() {
    return bytes == null ? 0 : bytes.position();
  }

  /** Adds the first {@code count} bytes of the source. */
  void add(ByteBuffer source, int count) {
    if (count == 0) {
      return;
    }
    if (bytes == null) {
      bytes = ByteBuffer.allocate(Math.max(FIRST_BYTES, count));
    } else if (bytes.remaining() < count) {
      long doubled = Math.min(2L * bytes.capacity(), Integer.MAX_VALUE - 8);
      int needed = Math.addExact(bytes.position(), count);
      bytes = ByteBuffer.allocate(Math.max((int) doubled, needed)).put(bytes.flip());
    }
    bytes.put(source.slice(source.position(), count));
    source.position(source.position() + count);
  }

  /** The message, which is the caller's; gathers the next one from here on. */
  ByteBuffer take() {
    ByteBuffer message = bytes.flip();
    bytes = null;
    return message;
  }

  void clear() {
    bytes = null;
  }
}
