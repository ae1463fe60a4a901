package io.culvert.relay.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.culvert.connection.TunnelStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Locale;

/** Exact bytes of HTTP/1.1, of a client or of an upstream. Its user closes it. */
record RawHttp(InputStream in, OutputStream out, Closeable owner) implements Closeable {

  static RawHttp of(TunnelStream stream) {
    return new RawHttp(stream.inputStream(), stream.outputStream(), stream::close);
  }

  /** Writes text; each line break is written in it. */
  void send(String text) throws IOException {
    out.write(text.getBytes(ISO_8859_1));
    out.flush();
  }

  /** A request's head with the host of the relay's only name. */
  void request(String line, String... fields) throws IOException {
    StringBuilder head = new StringBuilder(line).append(" HTTP/1.1\r\nHost: pets.localhost\r\n");
    for (String field : fields) {
      head.append(field).append("\r\n");
    }
    send(head + "\r\n");
  }

  /** A head, up to the empty line. */
  String head() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) read());
    }
    return head.toString();
  }

  int read() throws IOException {
    int b = in.read();
    if (b < 0) {
      throw new EOFException("end");
    }
    return b;
  }

  String line() throws IOException {
    StringBuilder line = new StringBuilder();
    for (int b = read(); b != '\n'; b = read()) {
      line.append((char) b);
    }
    return line.toString().strip();
  }

  String text(int bytes) throws IOException {
    byte[] read = in.readNBytes(bytes);
    if (read.length < bytes) {
      throw new EOFException("end after " + read.length + " of " + bytes);
    }
    return new String(read, ISO_8859_1);
  }

  /**
   * The next chunk; empty for the last one, without trailers. The line break after a chunk is read
   * with the next one: Jetty sends it only then.
   */
  String chunk() throws IOException {
    String size = line();
    return text(Integer.parseInt(size.isEmpty() ? line() : size, 16));
  }

  /** A body with Content-Length or chunks, after its head. */
  String body(String head) throws IOException {
    String lower = head.toLowerCase(Locale.ROOT);
    int at = lower.indexOf("content-length: ");
    if (at >= 0) {
      int from = at + "content-length: ".length();
      return text(Integer.parseInt(lower.substring(from, lower.indexOf('\r', from))));
    }
    StringBuilder body = new StringBuilder();
    if (lower.contains("transfer-encoding: chunked")) {
      for (String chunk = chunk(); !chunk.isEmpty(); chunk = chunk()) {
        body.append(chunk);
      }
      line();
    }
    return body.toString();
  }

  /** Everything up to the end. */
  String rest() throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    in.transferTo(all);
    return all.toString(ISO_8859_1);
  }

  @Override
  public void close() throws IOException {
    owner.close();
  }
}
