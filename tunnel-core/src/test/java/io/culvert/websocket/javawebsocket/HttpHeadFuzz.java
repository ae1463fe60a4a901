package io.culvert.websocket.javawebsocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.InRange;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.code_intelligence.jazzer.mutation.annotation.WithLength;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HttpHeadFuzz {
  private static final int MAX_HEAD = 32 * 1024;
  private static final int SOME_TOO_LONG = MAX_HEAD + 100;
  private static final String ANSWER = "HTTP/1.1 ";
  private static final String END = "\r\n\r\n";

  static Stream<Arguments> seeds() {
    return Stream.of(
            "GET /a HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\nmore",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\u0082\u0000",
            "HTTP/1.0 407 Proxy Authentication Required\r\n\r\n",
            "HTTP/1.1 200\r\n\r\r\n\n\r\n\r\n",
            "G" + "x".repeat(MAX_HEAD))
        .map(text -> Arguments.of(text.getBytes(StandardCharsets.ISO_8859_1), 7));
  }

  /** The head ends behind the first empty line, however the bytes were cut on their way. */
  @MethodSource("seeds")
  @FuzzTest
  void anyBytesAreAHeadAndARestOrRefused(
      byte @NotNull @WithLength(max = SOME_TOO_LONG) [] bytes,
      @InRange(min = 1, max = 2_000) int step) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int end = text.indexOf(END);
    int length = end < 0 ? bytes.length : end + END.length();
    HttpHead head = new HttpHead();
    boolean complete = false;
    int given = 0;
    ByteBuffer part = ByteBuffer.wrap(bytes);
    try {
      while (!complete && given < bytes.length) {
        given = Math.min(given + step, bytes.length);
        complete = head.add(part.limit(given));
      }
    } catch (IOException e) {
      assertTrue(length > MAX_HEAD, "refused after " + length);
      return;
    }
    assertTrue(length <= MAX_HEAD, "took " + length);
    assertEquals(end >= 0, complete);
    assertEquals(length, part.position());
    assertEquals(ByteBuffer.wrap(bytes, 0, length), head.toBuffer());
    String read = text.substring(0, length);
    assertEquals(read.startsWith(ANSWER) || ANSWER.startsWith(read), head.canStartWith(ANSWER));
    int status = head.status();
    assertTrue(status == 0 || (status >= 100 && status <= 599), "status " + status);
    assertTrue(status == 0 || text.startsWith(" " + status, 8), "status " + status);
  }
}
