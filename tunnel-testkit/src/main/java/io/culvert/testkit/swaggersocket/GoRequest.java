package io.culvert.testkit.swaggersocket;

import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A request as Go's {@code http.Request.Write} writes it: the request line, {@code Host}, {@code
 * User-Agent}, the framing, then the other headers sorted by name. Not thread-safe. All text is
 * wire text.
 */
public final class GoRequest {
  /** The header that the protocol demands of every request. */
  public static final String CORRELATION_ID = "X-Correlation-Id";

  private final String method;
  private final String target;
  private String host = "localhost:9090";
  private final TreeMap<String, String> headers = new TreeMap<>();
  private String framing = "";
  private String body = "";

  private GoRequest(String method, String target) {
    this.method = method;
    this.target = target;
    headers.put(CORRELATION_ID, UUID.randomUUID().toString());
  }

  /**
   * A request without a body, with a random correlation id.
   *
   * @param target path and query
   */
  public static GoRequest of(String method, String target) {
    GoRequest request = new GoRequest(method.toUpperCase(Locale.ROOT), target);
    if (List.of("POST", "PUT", "PATCH").contains(request.method)) {
      request.framing = "Content-Length: 0\r\n";
    }
    return request;
  }

  public static GoRequest get(String target) {
    return of("GET", target);
  }

  public GoRequest host(String value) {
    host = value;
    return this;
  }

  /** Sets a header; the name is expected in Go's canonical case. Null takes it away. */
  public GoRequest header(String name, String value) {
    if (value == null) {
      headers.remove(name);
    } else {
      headers.put(name, value);
    }
    return this;
  }

  public GoRequest correlationId(String id) {
    return header(CORRELATION_ID, id);
  }

  /** A body of known length. */
  public GoRequest body(String content) {
    framing = "Content-Length: " + content.length() + "\r\n";
    body = content;
    return this;
  }

  /** A body of unknown length, in these chunks; Go makes one of each read from its source. */
  public GoRequest chunked(String... chunks) {
    framing = "Transfer-Encoding: chunked\r\n";
    StringBuilder out = new StringBuilder();
    for (String chunk : chunks) {
      out.append(Integer.toHexString(chunk.length())).append("\r\n").append(chunk).append("\r\n");
    }
    body = out.append("0\r\n\r\n").toString();
    return this;
  }

  /** The one message that carries it. */
  public String message() {
    StringBuilder out = new StringBuilder();
    out.append(method).append(' ').append(target).append(" HTTP/1.1\r\n");
    out.append("Host: ").append(host).append("\r\n");
    out.append("User-Agent: ").append(headers.getOrDefault("User-Agent", "Go-http-client/1.1"));
    out.append("\r\n").append(framing);
    headers.forEach(
        (name, value) -> {
          if (!name.equals("User-Agent")) {
            out.append(name).append(": ").append(value).append("\r\n");
          }
        });
    return out.append("\r\n").append(body).toString();
  }
}
