package io.culvert.testkit.sim;

import java.nio.ByteBuffer;

/** The bytes of a stream's direction: each follows from the stream's id, its writer and offset. */
final class Content {
  private static final long ODD = 0x9e3779b97f4a7c15L;

  private final long salt;

  Content(int streamId, boolean writtenByDialer) {
    salt = (2L * streamId + (writtenByDialer ? 1 : 0)) * 0xd1342543de82ef95L;
  }

  ByteBuffer piece(long offset, int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = at(offset + i);
    }
    return ByteBuffer.wrap(bytes);
  }

  /** The index of the first of {@code length} bytes that differs; -1 if none does. */
  int mismatch(byte[] bytes, int length, long offset) {
    for (int i = 0; i < length; i++) {
      if (bytes[i] != at(offset + i)) {
        return i;
      }
    }
    return -1;
  }

  private byte at(long offset) {
    return (byte) (((offset + 1) * ODD + salt) >>> 53);
  }
}
