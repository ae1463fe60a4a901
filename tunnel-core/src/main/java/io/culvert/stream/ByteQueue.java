package io.culvert.stream;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * Bytes between a writer and a reader, in order. Small pieces are gathered into segments, so that
 * memory stays within a small factor of the bytes held, however finely they arrive.
 */
final class ByteQueue {
  /** Large enough for most requests, small enough for many streams. */
  private static final int SEGMENT = 2 * 1024;

  private static final int LARGE_SEGMENT = 16 * 1024;

  private final ArrayDeque<Segment> segments = new ArrayDeque<>(2);
  private int size;

  int size() {
    return size;
  }

  /** Bytes of memory behind the queue. */
  int held() {
    int held = 0;
    for (Segment segment : segments) {
      held += segment.bytes.length;
    }
    return held;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Copies all remaining bytes, up to {@code limit}, to the end of the queue. */
  int append(ByteBuffer source, int limit) {
    int count = Math.min(source.remaining(), limit);
    int left = count;
    while (left > 0) {
      Segment tail = writable(left);
      int n = Math.min(left, tail.bytes.length - tail.end);
      source.get(tail.bytes, tail.end, n);
      tail.end += n;
      left -= n;
    }
    size += count;
    return count;
  }

  /**
   * Puts bytes of a received packet at the end. A piece that is most of its array is kept where it
   * is; others are copied, so that a small piece never holds a large array.
   */
  void appendReceived(byte[] array, int offset, int length) {
    if (length >= SEGMENT && length >= array.length / 2) {
      segments.add(new Segment(array, offset, offset + length, false));
      size += length;
    } else {
      append(ByteBuffer.wrap(array, offset, length), length);
    }
  }

  /** Moves bytes from the front of the queue into {@code target} until either has no more. */
  int read(ByteBuffer target) {
    int before = target.remaining();
    while (target.hasRemaining() && size > 0) {
      Segment head = segments.element();
      int n = Math.min(target.remaining(), head.end - head.start);
      target.put(head.bytes, head.start, n);
      head.start += n;
      size -= n;
      if (head.start == head.end) {
        segments.remove();
      }
    }
    return before - target.remaining();
  }

  void clear() {
    segments.clear();
    size = 0;
  }

  private Segment writable(int wanted) {
    Segment tail = segments.peekLast();
    if (tail == null || !tail.owned || tail.end == tail.bytes.length) {
      // Grows only behind segments that were filled: else a peer that mixes pieces that are kept
      // with single bytes would make each byte cost a large segment.
      int capacity = tail == null || !tail.owned ? SEGMENT : 2 * tail.bytes.length;
      capacity = Math.min(LARGE_SEGMENT, Math.max(capacity, wanted));
      tail = new Segment(new byte[capacity], 0, 0, true);
      segments.add(tail);
    }
    return tail;
  }

  private static final class Segment {
    final byte[] bytes;

    /** Whether further bytes may be put behind {@link #end}. */
    final boolean owned;

    int start;
    int end;

    Segment(byte[] bytes, int start, int end, boolean owned) {
      this.bytes = bytes;
      this.start = start;
      this.end = end;
      this.owned = owned;
    }
  }
}
