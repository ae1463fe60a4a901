package io.culvert.testkit.swaggersocket;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;

/**
 * A response while it comes, read from the peer's messages on the thread that asks. Only the
 * framing says where it ends. Not thread-safe. All text is wire text.
 */
public final class SwaggerResponse {
  private final MessageStream in;
  private final HttpHead head;
  private final HttpBody body;

  private SwaggerResponse(MessageStream in, HttpHead head, HttpBody body) {
    this.in = in;
    this.head = head;
    this.body = body;
  }

  /**
   * Reads the head.
   *
   * @param toHead whether it answers a HEAD. The Go library does not know: it gives the head, and
   *     whoever reads the body then waits for one that never comes. Here there is none.
   */
  static SwaggerResponse read(MessageStream in, boolean toHead) throws IOException {
    HttpHead head = HttpHead.read(in);
    if (!head.startLine().matches("HTTP/1\\.1 \\d{3}( .*)?")) {
      throw new Frames.ProtocolError("not a status line: " + head.startLine());
    }
    int status = status(head);
    boolean none = toHead || status < 200 || status == 204 || status == 304;
    return new SwaggerResponse(in, head, none ? HttpBody.none(in) : HttpBody.of(head, in, true));
  }

  private static int status(HttpHead head) {
    return Integer.parseInt(head.startLine().substring(9, 12));
  }

  public int status() {
    return status(head);
  }

  public String statusLine() {
    return head.startLine();
  }

  /** Each as {@code Name: value}, in their order. */
  public List<String> headers() {
    return head.headers();
  }

  /** The first header of this name, in any case. */
  public Optional<String> header(String name) {
    return head.header(name);
  }

  /** A read gives no more than the rest of one chunk or of one message. */
  public InputStream body() {
    return body;
  }

  /** Reads what is left of the body. */
  public String readBody() throws IOException {
    return WireText.of(body.readAllBytes());
  }

  /** The trailers, each as {@code Name: value}, once the body was read. */
  public List<String> trailers() {
    return body.trailers();
  }

  /** The messages that were read, exactly; all, once the body was read. */
  public List<String> messages() {
    return in.messages();
  }

  /** The response itself: its messages without their boundaries. */
  public String text() {
    return String.join("", messages());
  }
}
