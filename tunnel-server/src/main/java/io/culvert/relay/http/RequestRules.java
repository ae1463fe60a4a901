package io.culvert.relay.http;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;

/**
 * Which requests are ambiguous, or for somebody else, although {@link StrictHttp} lets them pass.
 */
final class RequestRules {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  /** What may be sent as a path and query: not what ends a request line, and no fragment. */
  private static final Pattern TARGET = Pattern.compile("[!-~&&[^#]]+");

  private static final Pattern DIGITS = Pattern.compile("[0-9]{1,19}");

  private static final Pattern VALUE = Pattern.compile("[\\t -~\\x80-\\xff]*");

  /** Fields that HTTP/2 has no use for (RFC 9113 section 8.2.2). */
  private static final List<HttpHeader> NOT_IN_HTTP_2 =
      List.of(
          HttpHeader.TRANSFER_ENCODING,
          HttpHeader.KEEP_ALIVE,
          HttpHeader.PROXY_CONNECTION,
          HttpHeader.UPGRADE);

  private RequestRules() {}

  /** Why the request is refused; empty if it is well-formed. */
  static Optional<Problem> refuse(Request request) {
    if (HttpMethod.CONNECT.is(request.getMethod())) {
      return Optional.of(
          ProblemCode.METHOD_NOT_IMPLEMENTED.problem("CONNECT: this is no forward proxy."));
    }
    return method(request)
        .or(() -> fields(request.getHeaders()))
        .or(() -> framing(request))
        .or(() -> host(request))
        .or(() -> target(request));
  }

  private static Optional<Problem> method(Request request) {
    return bad(
        !TOKEN.matcher(request.getMethod()).matches(), "The method is no token (RFC 9110 9.1).");
  }

  private static Optional<Problem> fields(HttpFields fields) {
    for (HttpField field : fields) {
      String value = field.getValue();
      if (!TOKEN.matcher(field.getName()).matches()
          || (value != null && !VALUE.matcher(value).matches())) {
        return bad(true, "A field has characters that are not allowed (RFC 9110 5.1 and 5.5).");
      }
    }
    return Optional.empty();
  }

  private static Optional<Problem> framing(Request request) {
    HttpFields fields = request.getHeaders();
    HttpVersion version = request.getConnectionMetaData().getHttpVersion();
    // Jetty reads the length of an HTTP/2 message as Java does, with a sign.
    if (!fields.getValuesList(HttpHeader.CONTENT_LENGTH).stream()
        .allMatch(length -> DIGITS.matcher(length).matches())) {
      return bad(true, "Content-Length is no number.");
    }
    if (version.getVersion() >= HttpVersion.HTTP_2.getVersion()) {
      return bad(
          NOT_IN_HTTP_2.stream().anyMatch(fields::contains),
          "HTTP/2 has no fields for the connection (RFC 9113 8.2.2).");
    }
    List<String> codings = fields.getValuesList(HttpHeader.TRANSFER_ENCODING);
    if (codings.isEmpty()) {
      return Optional.empty();
    }
    // Jetty takes off the chunks and nothing else: what is left of "gzip, chunked" is gzip, and
    // nobody would say so to the service.
    return bad(
            !(codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked")),
            "Only chunked is taken as Transfer-Encoding.")
        .or(() -> bad(fields.contains(HttpHeader.CONTENT_LENGTH), "A length and chunks."))
        .or(
            () ->
                bad(
                    version == HttpVersion.HTTP_1_0,
                    "HTTP/1.0 has no Transfer-Encoding (RFC 9112 6.1)."));
  }

  private static Optional<Problem> host(Request request) {
    List<String> hosts = request.getHeaders().getValuesList(HttpHeader.HOST);
    String inTarget = request.getHttpURI().getAuthority();
    if (hosts.isEmpty() && inTarget == null) {
      return bad(true, "Host is missing.");
    }
    Optional<Authority> host = Authority.parse(hosts.isEmpty() ? inTarget : hosts.get(0));
    if (hosts.size() > 1 || host.isEmpty()) {
      return bad(true, "Host has to be one host name or address, with or without a port.");
    }
    return bad(inTarget != null && !agree(request, host.get(), inTarget), "Two different hosts.");
  }

  /** Whether the target, whose authority Jetty takes from Host if it has none, is for the host. */
  private static boolean agree(Request request, Authority host, String inTarget) {
    String scheme = String.valueOf(request.getHttpURI().getScheme());
    return Authority.parse(inTarget)
        .filter(target -> target.host().equals(host.host()))
        .filter(target -> target.portFor(scheme) == host.portFor(scheme))
        .isPresent();
  }

  private static Optional<Problem> target(Request request) {
    HttpURI uri = request.getHttpURI();
    String scheme = String.valueOf(uri.getScheme());
    String target = String.valueOf(uri.getPathQuery());
    boolean asterisk = target.equals("*") && HttpMethod.OPTIONS.is(request.getMethod());
    return bad(!scheme.equals("http") && !scheme.equals("https"), "The URL's scheme is not http.")
        .or(
            () ->
                bad(
                    !asterisk && !(target.startsWith("/") && TARGET.matcher(target).matches()),
                    "The request's target is malformed (RFC 9112 3.2)."));
  }

  private static Optional<Problem> bad(boolean isBad, String detail) {
    return isBad ? Optional.of(ProblemCode.BAD_REQUEST.problem(detail)) : Optional.empty();
  }
}
