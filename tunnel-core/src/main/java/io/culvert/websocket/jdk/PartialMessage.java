package io.culvert.websocket.jdk;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The parts so far of one message; not thread-safe. Holds at most twice the limit. */
final class PartialMessage {
  private static final byte[] NOTHING = {};

  private final int maxBytes;
  private byte[] bytes = NOTHING;
  private int length;

  /** Of a text message, whose parts may end inside a character. */
  private final StringBuilder text = new StringBuilder();

  PartialMessage(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /** Copies what remains in the buffer; false if the message is too long with it. */
  boolean add(ByteBuffer part) {
    int grown = part.remaining() + length;
    if (grown > maxBytes || grown < 0) {
      return false;
    }
    if (grown > bytes.length) {
      // A message of one part, as most are, gets an array of its size.
      int wanted = length == 0 ? grown : (int) Math.min(maxBytes, 2L * grown);
      bytes = Arrays.copyOf(bytes, wanted);
    }
    part.get(bytes, length, part.remaining());
    length = grown;
    return true;
  }

  /** False if the message is certainly too long with it: no character takes less than a byte. */
  boolean add(CharSequence part) {
    if (part.length() > maxBytes - text.length()) {
      return false;
    }
    text.append(part);
    return true;
  }

  /** The whole message, which is the caller's; the next one begins. */
  ByteBuffer take() {
    ByteBuffer message = ByteBuffer.wrap(bytes, 0, length);
    clear();
    return message;
  }

  /** The whole message as UTF-8, which may be longer than the limit. */
  ByteBuffer takeText() {
    ByteBuffer message = StandardCharsets.UTF_8.encode(CharBuffer.wrap(text));
    clear();
    return message;
  }

  void clear() {
    bytes = NOTHING;
    length = 0;
    text.setLength(0);
    text.trimToSize();
  }
}
