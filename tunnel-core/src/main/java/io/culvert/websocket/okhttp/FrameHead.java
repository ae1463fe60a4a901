package io.culvert.websocket.okhttp;

import java.io.IOException;
import okio.Buffer;
import okio.BufferedSource;

/**
 * What a frame's header says (RFC 6455 section 5.2). Whether it may say so is OkHttp's affair.
 *
 * @param first FIN, reserved bits and opcode
 * @param headBytes length of the header, with the masking key
 * @param payloadBytes length of what follows it; negative if the peer has set the highest bit
 */
record FrameHead(int first, boolean masked, int headBytes, long payloadBytes) {
  static final int MIN_BYTES = 2;

  static final int CONTINUATION = 0x0;
  static final int TEXT = 0x1;
  static final int BINARY = 0x2;
  static final int CLOSE = 0x8;
  static final int PING = 0x9;
  static final int PONG = 0xa;

  private static final int FINAL = 0x80;
  private static final int MASKED = 0x80;
  private static final int MASK_KEY_BYTES = 4;

  /** The second byte holds a length up to this, or says that it follows in two or eight bytes. */
  private static final int MAX_SHORT_LENGTH = 125;

  private static final int IN_TWO_BYTES = 126;

  /** Waits for a whole header and leaves it where it is. */
  static FrameHead peek(BufferedSource from) throws IOException {
    from.require(MIN_BYTES);
    Buffer buffer = from.getBuffer();
    int second = buffer.getByte(1);
    boolean masked = (second & MASKED) != 0;
    int shortLength = second & ~MASKED & 0xff;
    int lengthBytes =
        shortLength <= MAX_SHORT_LENGTH
            ? 0
            : shortLength == IN_TWO_BYTES ? Short.BYTES : Long.BYTES;
    int headBytes = MIN_BYTES + lengthBytes + (masked ? MASK_KEY_BYTES : 0);
    from.require(headBytes);
    long length = lengthBytes == 0 ? shortLength : 0;
    for (int i = 0; i < lengthBytes; i++) {
      length = (length << Byte.SIZE) | (buffer.getByte(MIN_BYTES + i) & 0xff);
    }
    return new FrameHead(buffer.getByte(0) & 0xff, masked, headBytes, length);
  }

  int opcode() {
    return first & 0xf;
  }

  /** The first byte, for another opcode. */
  int firstAs(int opcode) {
    return (first & ~0xf) | opcode;
  }

  /** Whether it carries a message or a part of one. */
  boolean ofMessage() {
    return opcode() <= BINARY;
  }

  /** Whether it is a pong as it should be. */
  boolean pong() {
    return first == (FINAL | PONG) && !masked && payloadBytes <= MAX_SHORT_LENGTH;
  }
}
