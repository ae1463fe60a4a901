package io.culvert.websocket.javawebsocket;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.java_websocket.enums.Opcode;

/**
 * Makes text frames look like binary ones to the library, which takes no text that is not UTF-8,
 * and remembers which they were. For one thread.
 */
final class TextFrames {
  private static final int OPCODE_BITS = 0x0f;
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int MASKED = 0x80;
  private static final int MASK_KEY_BYTES = 4;

  /** For each first frame of a message that was seen and not yet taken: whether it was text. */
  private final Queue<Boolean> seen = new ArrayDeque<>();

  /** How many header bytes of the current frame are still to come after its first two. */
  private int headerLeft;

  /** Length bytes among them, which come first. */
  private int lengthLeft;

  /** Bytes of the current frame's payload that are still to come, as far as the header says. */
  private long payloadLeft;

  private boolean expectsSecondByte;

  /** Looks through bytes as they arrive; changes the opcode of text frames in place. */
  void scan(ByteBuffer bytes) {
    int at = bytes.position();
    while (at < bytes.limit()) {
      if (expectsSecondByte) {
        second(bytes.get(at++));
      } else if (lengthLeft > 0) {
        payloadLeft = (payloadLeft << Byte.SIZE) | (bytes.get(at++) & 0xff);
        lengthLeft--;
        headerLeft--;
      } else if (headerLeft > 0) {
        headerLeft--;
        at++;
      } else if (payloadLeft > 0) {
        int skipped = (int) Math.min(payloadLeft, bytes.limit() - at);
        payloadLeft -= skipped;
        at += skipped;
      } else if (payloadLeft < 0) {
        return; // no such length: the library refuses the frame
      } else {
        bytes.put(at, first(bytes.get(at)));
        at++;
      }
    }
  }

  private byte first(byte b) {
    expectsSecondByte = true;
    int opcode = b & OPCODE_BITS;
    if (opcode == TEXT || opcode == BINARY) {
      seen.add(opcode == TEXT);
    }
    return opcode == TEXT ? (byte) ((b & ~OPCODE_BITS) | BINARY) : b;
  }

  private void second(byte b) {
    expectsSecondByte = false;
    int length = b & ~MASKED & 0xff;
    lengthLeft = length == 126 ? Short.BYTES : length == 127 ? Long.BYTES : 0;
    payloadLeft = lengthLeft > 0 ? 0 : length;
    headerLeft = lengthLeft + ((b & MASKED) != 0 ? MASK_KEY_BYTES : 0);
  }

  /** What the next first frame of a message was that the library has decoded. */
  Opcode next() {
    return seen.remove() ? Opcode.TEXT : Opcode.BINARY;
  }
}
