package io.culvert.relay.http;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.hpack.HpackDecoder;
import org.eclipse.jetty.http2.hpack.HpackException;

/** One connection of HTTP/2, written byte for byte: no client would send what is tried here. */
final class Http2Exchange {
  private static final int DEADLINE_MILLIS = 10_000;

  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int RST_STREAM = 3;
  private static final int SETTINGS = 4;
  private static final int END_STREAM = 1;
  private static final int END_HEADERS = 4;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Streams whose end has not come. */
  private final Set<Integer> open = new HashSet<>();

  /** By stream; 0 for one that was reset. */
  private final Map<Integer, Integer> statuses = new HashMap<>();

  private final HpackDecoder decoder = new HpackDecoder(64 * 1024, () -> 0L);

  Http2Exchange() {
    out.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    frame(SETTINGS, 0, 0, new byte[0]);
  }

  /** Adds a request; without data and trailers if they are null and empty. */
  void request(int stream, List<String> fields, String data, List<String> trailers) {
    open.add(stream);
    boolean bodiless = data == null && trailers.isEmpty();
    frame(HEADERS, END_HEADERS | (bodiless ? END_STREAM : 0), stream, block(fields));
    if (data != null) {
      byte[] bytes = data.getBytes(StandardCharsets.ISO_8859_1);
      frame(DATA, trailers.isEmpty() ? END_STREAM : 0, stream, bytes);
    }
    if (!trailers.isEmpty()) {
      frame(HEADERS, END_HEADERS | END_STREAM, stream, block(trailers));
    }
  }

  /** Literal fields without indexing and without Huffman coding (RFC 7541 section 6.2.2). */
  private static byte[] block(List<String> fields) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    for (String field : fields) {
      int colon = field.indexOf(": ", 1);
      block.write(0);
      text(block, field.substring(0, colon));
      text(block, field.substring(colon + 2));
    }
    return block.toByteArray();
  }

  private static void text(ByteArrayOutputStream block, String text) {
    if (text.length() > 126) {
      throw new IllegalArgumentException("too long for one byte of length: " + text);
    }
    block.write(text.length());
    block.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private void frame(int type, int flags, int stream, byte[] payload) {
    ByteBuffer head = ByteBuffer.allocate(9);
    head.putInt(payload.length << 8 | type).put((byte) flags).putInt(stream);
    out.writeBytes(head.array());
    out.writeBytes(payload);
  }

  /** Sends all, and reads until every stream has ended or the connection has. */
  void run(InetSocketAddress address) throws IOException {
    try (Socket socket = new Socket()) {
      socket.connect(address, DEADLINE_MILLIS);
      socket.setSoTimeout(DEADLINE_MILLIS);
      socket.getOutputStream().write(out.toByteArray());
      DataInputStream in = new DataInputStream(socket.getInputStream());
      while (!open.isEmpty()) {
        read(in);
      }
    } catch (EOFException | SocketException e) {
      // The connection has ended, which is one of the ways to refuse a request.
      open.clear();
    }
  }

  private void read(DataInputStream in) throws IOException {
    int lengthAndType = in.readInt();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = in.readNBytes(lengthAndType >>> 8);
    int type = lengthAndType & 0xff;
    if (type == HEADERS) {
      statuses.putIfAbsent(stream, status(payload));
    }
    boolean ends = (type == HEADERS || type == DATA) && (flags & END_STREAM) != 0;
    if (type == RST_STREAM || ends) {
      open.remove(stream);
    }
  }

  private int status(byte[] block) throws IOException {
    try {
      return ((MetaData.Response) decoder.decode(ByteBuffer.wrap(block))).getStatus();
    } catch (HpackException e) {
      throw new IOException(e);
    }
  }

  /** The status that a stream was answered with; 0 if it was not. */
  int status(int stream) {
    return statuses.getOrDefault(stream, 0);
  }

  @Override
  public String toString() {
    return "answers: " + statuses;
  }
}
