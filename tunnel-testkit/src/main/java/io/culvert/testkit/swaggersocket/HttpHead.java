package io.culvert.testkit.swaggersocket;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The start line and the headers of an HTTP message, as they came.
 *
 * @param headers each as {@code Name: value}, in their order
 */
record HttpHead(String startLine, List<String> headers) {

  /** Reads to and with the empty line. */
  static HttpHead read(InputStream in) throws IOException {
    String start = line(in);
    return new HttpHead(start, lines(in));
  }

  /** Reads header or trailer lines to and with the empty line. */
  static List<String> lines(InputStream in) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String next = line(in); !next.isEmpty(); next = line(in)) {
      lines.add(next);
    }
    return List.copyOf(lines);
  }

  /** Reads a line that must end with CRLF. */
  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() < 2 || line.charAt(line.length() - 2) != '\r' || last(line) != '\n') {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("HTTP ends in the middle of: " + WireText.escape(line.toString()));
      }
      line.append((char) next);
    }
    return line.substring(0, line.length() - 2);
  }

  private static char last(StringBuilder line) {
    return line.charAt(line.length() - 1);
  }

  Optional<String> header(String name) {
    return value(headers, name);
  }

  static Optional<String> value(List<String> lines, String name) {
    return lines.stream()
        .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst();
  }
}
