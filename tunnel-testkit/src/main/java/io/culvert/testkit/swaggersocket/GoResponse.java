package io.culvert.testkit.swaggersocket;

import java.io.IOException;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a response like the Go library's response writer: 2048 bytes are collected before anything
 * else is decided, a flush ends a message, and the head says what could be known by then. For the
 * thread of the handler only. All text is wire text.
 */
public final class GoResponse {
  private static final int BUFFER_BYTES = 2048;

  /** RFC 9110 section 5.6.7: two digits for the day, which RFC_1123_DATE_TIME does not have. */
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

  /** Takes what goes out as one message. */
  @FunctionalInterface
  interface Sink {
    /**
     * Sends it.
     *
     * @param complete whether the other side knows that the response has ended once it has this
     */
    void message(String content, boolean complete) throws IOException;
  }

  private final ReceivedRequest request;
  private final Sink sink;
  private final boolean head;
  private final TreeMap<String, List<String>> headers = new TreeMap<>();
  private final StringBuilder message = new StringBuilder();
  private final StringBuilder buffered = new StringBuilder();

  /** What {@link #headers} were when the status was decided; null before. */
  private Map<String, List<String>> sentHeaders;

  private int status;
  private boolean headWritten;
  private boolean chunking;
  private boolean handlerDone;
  private boolean byHand;
  private long declaredLength = -1;
  private long written;

  GoResponse(ReceivedRequest request, Sink sink) {
    this.request = request;
    this.sink = sink;
    this.head = request.method().equals("HEAD");
  }

  /** The date of now as a header has it. */
  static String date() {
    return DATE.format(ZonedDateTime.now(ZoneOffset.UTC));
  }

  /**
   * Adds a header; the name is expected in Go's canonical case. A trailer has its name in the
   * header {@code Trailer} before the first byte, and its value set at any time.
   */
  public GoResponse header(String name, String value) {
    headers.computeIfAbsent(name, n -> new ArrayList<>()).add(value);
    return this;
  }

  /** Decides the status and the headers; only the first time. 200 unless it is called. */
  public GoResponse status(int code) {
    if (sentHeaders == null) {
      status = code;
      sentHeaders = new TreeMap<>();
      headers.forEach((name, values) -> sentHeaders.put(name, List.copyOf(values)));
      String length = first("Content-Length");
      declaredLength = length == null ? -1 : Long.parseLong(length);
    }
    return this;
  }

  /**
   * Writes a piece of the body.
   *
   * @throws IOException if it is more than the declared Content-Length, or the socket is broken
   */
  public GoResponse write(String text) throws IOException {
    status(200);
    written += text.length();
    if (declaredLength >= 0 && written > declaredLength) {
      throw new IOException("more than the declared Content-Length of " + declaredLength);
    }
    String rest = text;
    while (rest.length() > BUFFER_BYTES - buffered.length()) {
      int taken = buffered.isEmpty() ? rest.length() : BUFFER_BYTES - buffered.length();
      buffered.append(rest, 0, taken);
      rest = rest.substring(taken);
      writeBuffered();
    }
    buffered.append(rest);
    return this;
  }

  /** Ends the message, with whatever was written since the last one ended; maybe nothing. */
  public GoResponse flush() throws IOException {
    status(200);
    writeBuffered();
    if (!headWritten) {
      writeHead("");
    }
    endMessage();
    return this;
  }

  /** Sends exactly these messages as the response, in place of the other methods. */
  public void exactly(String... messages) throws IOException {
    byHand = true;
    for (int i = 0; i < messages.length; i++) {
      sink.message(messages[i], i == messages.length - 1);
    }
  }

  /** The handler has returned. */
  void finish() throws IOException {
    if (byHand) {
      return;
    }
    handlerDone = true;
    status(200);
    writeBuffered();
    if (!headWritten) {
      writeHead("");
    }
    if (chunking) {
      message.append("0\r\n");
      trailers().forEach((name, values) -> values.forEach(value -> line(name, value)));
      message.append("\r\n");
    }
    endMessage();
  }

  private void endMessage() throws IOException {
    String complete = message.toString();
    message.setLength(0);
    boolean whole = declaredLength >= 0 && written >= declaredLength;
    sink.message(complete, handlerDone || whole || head || !allowsBody());
  }

  /** One chunk, if there are chunks: all that was collected. */
  private void writeBuffered() {
    if (buffered.isEmpty()) {
      return;
    }
    String chunk = buffered.toString();
    buffered.setLength(0);
    if (!headWritten) {
      writeHead(chunk);
    }
    if (head) {
      return;
    }
    if (chunking) {
      message.append(Integer.toHexString(chunk.length())).append("\r\n");
    }
    message.append(chunk);
    if (chunking) {
      message.append("\r\n");
    }
  }

  private void writeHead(String firstPiece) {
    headWritten = true;
    TreeMap<String, List<String>> own = new TreeMap<>(sentHeaders);
    boolean allowsBody = allowsBody();
    String length = null;
    if (lengthIsKnown(firstPiece) && allowsBody) {
      declaredLength = firstPiece.length();
      length = String.valueOf(declaredLength);
    }
    boolean sniffed = allowsBody && !own.containsKey("Content-Type");
    if (!allowsBody) {
      own.remove("Content-Length");
      own.remove("Transfer-Encoding");
      if (status == 304) {
        own.remove("Content-Type");
      }
    }
    chunking = !head && allowsBody && declaredLength < 0;

    message.append("HTTP/1.1 ").append(status).append(' ').append(reason()).append("\r\n");
    own.forEach((name, values) -> values.forEach(value -> line(name, value)));
    line("Date", own.containsKey("Date") ? null : date());
    line("Content-Length", length);
    line("Content-Type", sniffed ? sniff(firstPiece) : null);
    line("Transfer-Encoding", chunking ? "chunked" : null);
    line(GoRequest.CORRELATION_ID, request.header(GoRequest.CORRELATION_ID).orElse(null));
    message.append("\r\n");
  }

  private boolean allowsBody() {
    return status >= 200 && status != 204 && status != 304;
  }

  /** The handler has returned, so the piece is all there is. */
  private boolean lengthIsKnown(String piece) {
    return handlerDone
        && declaredLength < 0
        && !sentHeaders.containsKey("Trailer")
        && (!head || !piece.isEmpty());
  }

  private void line(String name, String value) {
    if (value != null) {
      message.append(name).append(": ").append(value).append("\r\n");
    }
  }

  private String first(String name) {
    return headers.containsKey(name) ? headers.get(name).get(0) : null;
  }

  private Map<String, List<String>> trailers() {
    TreeMap<String, List<String>> trailers = new TreeMap<>();
    for (String declared : sentHeaders.getOrDefault("Trailer", List.of())) {
      for (String name : declared.split(",", -1)) {
        trailers.put(name.strip(), headers.getOrDefault(name.strip(), List.of()));
      }
    }
    return trailers;
  }

  /** As much of the algorithm as tells text from bytes. */
  private static String sniff(String piece) {
    boolean binary =
        piece
            .chars()
            .limit(512)
            .anyMatch(c -> c <= 8 || c == 0x0b || (c >= 0x0e && c <= 0x1f && c != 0x1b));
    return binary ? "application/octet-stream" : "text/plain; charset=utf-8";
  }

  private String reason() {
    return switch (status) {
      case 200 -> "OK";
      case 201 -> "Created";
      case 204 -> "No Content";
      case 304 -> "Not Modified";
      case 400 -> "Bad Request";
      case 404 -> "Not Found";
      case 500 -> "Internal Server Error";
      default -> "status code " + status; // what Go says of a status that it does not know
    };
  }
}
