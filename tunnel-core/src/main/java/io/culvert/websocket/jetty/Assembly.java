package io.culvert.websocket.jetty;

import java.nio.ByteBuffer;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.exception.MessageTooLargeException;

/**
 * Puts messages together from frames and from the parts of frames that Jetty gives as they arrive.
 * For one thread at a time; Jetty has checked the order of the frames.
 */
final class Assembly {
  private final int maxMessageBytes;

  /** The parts so far, in filling mode; null between messages. */
  private ByteBuffer parts;

  private boolean text;

  /** The size of the latest message that came in parts: the next is likely to be as long. */
  private int latest;

  Assembly(int maxMessageBytes) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /**
   * The whole message in memory of its own if this frame completes it, or null.
   *
   * @throws MessageTooLargeException if the message is longer than allowed
   */
  ByteBuffer add(Frame frame) {
    long length = frame.getPayloadLength() + (parts == null ? 0L : parts.position());
    if (length > maxMessageBytes) {
      throw new MessageTooLargeException(
          "expected at most " + maxMessageBytes + " bytes in a message");
    }
    if (frame.getOpCode() != OpCode.CONTINUATION) {
      text = frame.getOpCode() == OpCode.TEXT;
    }
    if (parts == null && frame.isFin()) {
      return copy(frame);
    }
    append(frame);
    return frame.isFin() ? complete() : null;
  }

  /** Whether the message that {@link #add} has returned is text. */
  boolean text() {
    return text;
  }

  private static ByteBuffer copy(Frame frame) {
    ByteBuffer message = ByteBuffer.allocate(frame.getPayloadLength());
    return frame.hasPayload() ? message.put(frame.getPayload()).flip() : message;
  }

  private void append(Frame frame) {
    int length = frame.getPayloadLength();
    if (parts == null) {
      parts = ByteBuffer.allocate(capacity(length, latest > length ? latest : 2L * length));
    } else if (parts.remaining() < length) {
      int needed = parts.position() + length;
      parts = ByteBuffer.allocate(capacity(needed, 2L * needed)).put(parts.flip());
    }
    if (frame.hasPayload()) {
      parts.put(frame.getPayload());
    }
  }

  private int capacity(int needed, long wanted) {
    return Math.max(needed, (int) Math.min(maxMessageBytes, wanted));
  }

  private ByteBuffer complete() {
    ByteBuffer message = parts.flip();
    parts = null;
    latest = message.remaining();
    // A listener that keeps the message should not keep much more than it.
    return message.remaining() > message.capacity() / 2
        ? message
        : ByteBuffer.allocate(message.remaining()).put(message).flip();
  }
}
