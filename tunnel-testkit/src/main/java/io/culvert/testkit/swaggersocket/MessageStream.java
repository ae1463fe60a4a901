package io.culvert.testkit.swaggersocket;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The bytes of the messages that make one response, as the Go library reads them: a read gives
 * bytes of one message only, and at the end of a message the next one is looked at, once. So one
 * empty message before the response is passed over; an empty message that follows another one ends
 * the response, although that library's own response writer sends such messages.
 */
final class MessageStream extends InputStream {

  /** Where messages come from. */
  interface Source {
    SwaggerMessage next() throws IOException;
  }

  private final Source source;
  private final List<String> messages = new ArrayList<>();
  private byte[] current;
  private int at;

  MessageStream(Source source) {
    this.source = source;
  }

  /** What has come so far. */
  List<String> messages() {
    return List.copyOf(messages);
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
    if (current == null) {
      nextMessage();
    }
    if (at == current.length) {
      nextMessage();
    }
    if (at == current.length) {
      return -1;
    }
    int count = Math.min(length, current.length - at);
    System.arraycopy(current, at, bytes, from, count);
    at += count;
    return count;
  }

  private void nextMessage() throws IOException {
    String content = source.next().content();
    messages.add(content);
    current = WireText.bytes(content);
    at = 0;
  }
}
