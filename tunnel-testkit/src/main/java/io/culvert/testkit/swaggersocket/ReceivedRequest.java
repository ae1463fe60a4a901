package io.culvert.testkit.swaggersocket;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * A request that came in one message. All text is wire text.
 *
 * @param headers each as {@code Name: value}, in their order
 * @param body without its framing
 * @param message all of it, exactly
 */
public record ReceivedRequest(
    String method, String target, List<String> headers, String body, String message) {

  /**
   * @throws IOException if the message is not one request to its end and nothing else: the Go
   *     library parses each message by itself
   */
  static ReceivedRequest parse(String message) throws IOException {
    InputStream in = new ByteArrayInputStream(WireText.bytes(message));
    HttpHead head = HttpHead.read(in);
    String[] start = head.startLine().split(" ", -1);
    if (start.length != 3 || !start[2].equals("HTTP/1.1")) {
      throw new Frames.ProtocolError("not a request line: " + head.startLine());
    }
    String body = WireText.of(HttpBody.of(head, in, false).readAllBytes());
    if (in.read() >= 0) {
      throw new Frames.ProtocolError("something follows the request in its message");
    }
    return new ReceivedRequest(start[0], start[1], head.headers(), body, message);
  }

  /** The first header of this name, in any case. */
  public Optional<String> header(String name) {
    return HttpHead.value(headers, name);
  }
}
