package io.culvert.testkit;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/** Bytes in the order in which they were added. Not thread-safe: its owner's lock guards it. */
final class ByteQueue {
  private final ArrayDeque<ByteBuffer> chunks = new ArrayDeque<>();
  private int size;

  int size() {
    return size;
  }

  /** Adds a copy of the next {@code count} bytes of {@code source}. */
  void add(ByteBuffer source, int count) {
    byte[] copy = new byte[count];
    source.get(copy);
    add(copy);
  }

  /** Adds the array itself. */
  void add(byte[] bytes) {
    if (bytes.length > 0) {
      chunks.add(ByteBuffer.wrap(bytes));
      size += bytes.length;
    }
  }

  /** Moves as many bytes as there are and as fit; returns how many. */
  int moveTo(ByteBuffer target) {
    int moved = 0;
    while (target.hasRemaining() && !chunks.isEmpty()) {
      ByteBuffer first = chunks.peekFirst();
      int count = Math.min(first.remaining(), target.remaining());
      target.put(target.position(), first, first.position(), count);
      target.position(target.position() + count);
      first.position(first.position() + count);
      moved += count;
      if (!first.hasRemaining()) {
        chunks.removeFirst();
      }
    }
    size -= moved;
    return moved;
  }

  byte[] take(int count) {
    byte[] taken = new byte[Math.min(count, size)];
    moveTo(ByteBuffer.wrap(taken));
    return taken;
  }

  void clear() {
    chunks.clear();
    size = 0;
  }
}
