package io.culvert.websocket.javawebsocket;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import org.java_websocket.enums.Opcode;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.framing.CloseFrame;

/**
 * Reads the heads of frames before the library does: finds where each ends, checks that it is
 * masked as it must be, and makes text frames look like binary ones, because the library takes no
 * text that is not UTF-8; it remembers which they were. For one thread.
 */
final class FrameHeads {
  private static final int OPCODE_BITS = 0x0f;
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int MASKED = 0x80;
  private static final int MASK_KEY_BYTES = 4;

  private final boolean masked;

  /** For each first frame of a message that was seen and not yet taken: whether it was text. */
  private final Queue<Boolean> seen = new ArrayDeque<>();

  /** How many header bytes of the current frame are still to come after its first two. */
  private int headerLeft;

  /** Length bytes among them, which come first. */
  private int lengthLeft;

  /** Bytes of the current frame's payload that are still to come, as far as the header says. */
  private long payloadLeft;

  private boolean expectsSecondByte;

  /**
   * @param masked whether the peer has to mask
   */
  FrameHeads(boolean masked) {
    this.masked = masked;
  }

  /**
   * Looks through bytes as they arrive, up to the end of the current frame; changes the opcode of a
   * text frame in place.
   *
   * @return where the frame ends, or the bytes do
   */
  int scan(ByteBuffer bytes) throws InvalidDataException {
    int at = bytes.position();
    boolean complete = false;
    while (at < bytes.limit() && !complete) {
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
        return bytes.limit(); // no such length: the library refuses the frame
      } else {
        bytes.put(at, first(bytes.get(at)));
        at++;
      }
      complete = !expectsSecondByte && headerLeft == 0 && payloadLeft == 0;
    }
    return at;
  }

  private byte first(byte b) {
    expectsSecondByte = true;
    int opcode = b & OPCODE_BITS;
    if (opcode == TEXT || opcode == BINARY) {
      seen.add(opcode == TEXT);
    }
    return opcode == TEXT ? (byte) ((b & ~OPCODE_BITS) | BINARY) : b;
  }

  private void second(byte b) throws InvalidDataException {
    expectsSecondByte = false;
    if (masked != ((b & MASKED) != 0)) {
      throw new InvalidDataException(
          CloseFrame.PROTOCOL_ERROR,
          masked ? "a dialer must mask its frames" : "an acceptor must not mask its frames");
    }
    int length = b & ~MASKED & 0xff;
    lengthLeft = length == 126 ? Short.BYTES : length == 127 ? Long.BYTES : 0;
    payloadLeft = lengthLeft > 0 ? 0 : length;
    headerLeft = lengthLeft + (masked ? MASK_KEY_BYTES : 0);
  }

  /** What the next first frame of a message was that the library has decoded. */
  Opcode next() {
    return seen.remove() ? Opcode.TEXT : Opcode.BINARY;
  }
}
