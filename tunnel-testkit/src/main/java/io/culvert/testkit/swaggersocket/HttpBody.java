package io.culvert.testkit.swaggersocket;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/**
 * A body by HTTP's framing. A read gives no more than the rest of one chunk, or what one read of
 * the stream below gives, as in Go.
 */
final class HttpBody extends InputStream {
  private static final long UNTIL_END = -1;

  private final InputStream in;
  private final boolean chunked;

  /** What is left of the body or of the chunk; {@link #UNTIL_END} for all that comes. */
  private long left;

  private boolean firstChunk = true;
  private boolean ended;
  private List<String> trailers = List.of();

  private HttpBody(InputStream in, boolean chunked, long left) {
    this.in = in;
    this.chunked = chunked;
    this.left = left;
  }

  /**
   * @param endless what a body is without any framing: all that comes, or nothing
   */
  static HttpBody of(HttpHead head, InputStream in, boolean endless) {
    if (head.header("Transfer-Encoding").filter("chunked"::equalsIgnoreCase).isPresent()) {
      return new HttpBody(in, true, 0);
    }
    long otherwise = endless ? UNTIL_END : 0;
    return new HttpBody(
        in, false, head.header("Content-Length").map(Long::parseLong).orElse(otherwise));
  }

  static HttpBody none(InputStream in) {
    return new HttpBody(in, false, 0);
  }

  /** The trailer lines, once the body was read to its end. */
  List<String> trailers() {
    return trailers;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int from, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (chunked && left == 0 && !ended) {
      nextChunk();
    }
    if (ended || left == 0) {
      return -1;
    }
    int most = left == UNTIL_END ? length : (int) Math.min(length, left);
    int count = in.read(bytes, from, most);
    if (count < 0 && left != UNTIL_END) {
      throw new EOFException("the body ends " + left + " bytes early");
    }
    if (left != UNTIL_END) {
      left -= count;
    }
    return count;
  }

  private void nextChunk() throws IOException {
    if (!firstChunk && !HttpHead.line(in).isEmpty()) {
      throw new Frames.ProtocolError("a chunk is longer than it says");
    }
    firstChunk = false;
    left = Long.parseLong(HttpHead.line(in), 16);
    if (left == 0) {
      trailers = HttpHead.lines(in);
      ended = true;
    }
  }
}
