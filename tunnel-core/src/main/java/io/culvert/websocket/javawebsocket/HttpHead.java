package io.culvert.websocket.javawebsocket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Collects the head of an HTTP message, up to and with its empty line. */
final class HttpHead {
  /** As generous as common servers; what is larger is not an upgrade. */
  private static final int MAX_BYTES = 32 * 1024;

  private byte[] bytes = new byte[1024];
  private int length;

  /**
   * Takes bytes until the head is complete, and leaves the rest.
   *
   * @return whether it is complete
   * @throws IOException if it is longer than any sane head
   */
  boolean add(ByteBuffer input) throws IOException {
    while (input.hasRemaining()) {
      if (length == MAX_BYTES) {
        throw new IOException("the HTTP head is longer than " + MAX_BYTES + " bytes");
      }
      if (length == bytes.length) {
        bytes = Arrays.copyOf(bytes, length * 2);
      }
      bytes[length++] = input.get();
      if (complete()) {
        return true;
      }
    }
    return false;
  }

  private boolean complete() {
    return length >= 4
        && bytes[length - 1] == '\n'
        && bytes[length - 2] == '\r'
        && bytes[length - 3] == '\n'
        && bytes[length - 4] == '\r';
  }

  /** Whether what has come so far can still become a head that begins like this. */
  boolean canStartWith(String expected) {
    byte[] start = expected.getBytes(StandardCharsets.US_ASCII);
    int compared = Math.min(start.length, length);
    return Arrays.equals(bytes, 0, compared, start, 0, compared);
  }

  /** The status of an answer; 0 if it is none. */
  int status() {
    String line = new String(bytes, 0, Math.min(length, 16), StandardCharsets.US_ASCII);
    return line.matches("(?s)HTTP/1\\.[01] [1-5][0-9][0-9].*")
        ? Integer.parseInt(line.substring(9, 12))
        : 0;
  }

  ByteBuffer toBuffer() {
    return ByteBuffer.wrap(Arrays.copyOf(bytes, length));
  }
}
