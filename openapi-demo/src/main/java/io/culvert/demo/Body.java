package io.culvert.demo;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;

/** Reads bodies of bounded size. */
final class Body {
  /**
   * How much of a body that is too large is still taken before the answer. A client that writes its
   * whole body before it reads would otherwise find its connection reset and never see the reason.
   */
  private static final int MAX_DISCARDED = 32 * 1024 * 1024;

  private Body() {}

  /**
   * The whole body.
   *
   * @param limit the name of the limit
   * @param max its value, in bytes
   * @throws ProblemException 413 if the body is larger
   */
  static byte[] read(HttpServletRequest request, String limit, int max) throws IOException {
    requireLength(request, limit, max, max);
    byte[] body = request.getInputStream().readNBytes(max + 1);
    if (body.length > max) {
      discard(request.getInputStream());
      throw Problem.tooLarge(limit, max);
    }
    return body;
  }

  /**
   * Passes if the request does not announce a body larger than {@code allowed}.
   *
   * @param max the value that the refusal names
   * @throws ProblemException 413 otherwise
   */
  static void requireLength(HttpServletRequest request, String limit, int max, long allowed)
      throws IOException {
    if (request.getContentLengthLong() > allowed) {
      // Who asked for permission first has sent nothing yet, and must not be told to begin.
      if (request.getHeader("Expect") == null) {
        discard(request.getInputStream());
      }
      throw Problem.tooLarge(limit, max);
    }
  }

  private static void discard(InputStream in) throws IOException {
    byte[] buffer = new byte[16 * 1024];
    long left = MAX_DISCARDED;
    int n = 0;
    while (n >= 0 && left > 0) {
      n = in.read(buffer);
      left -= n;
    }
  }
}
