package io.culvert.relay.http;

import io.culvert.relay.route.Routed;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Request;

/**
 * The relay's policy: what is of one hop goes, and what says where a request came from is the
 * relay's own word. A stranger's {@code Forwarded}, {@code X-Forwarded-*}, {@code X-Real-IP} and
 * {@code Culvert-*} are replaced or dropped; of a trusted proxy's, what can be believed is kept.
 * {@code Via} names {@code culvert}, by which a service knows that a request from its own machine
 * came through a tunnel. Thread-safe.
 */
public final class ForwardedHeaders implements HeaderPolicy {
  /** The relay's name in {@code Via}. */
  public static final String PSEUDONYM = "culvert";

  /** What a trusted proxy says the client's address with. */
  public enum Source {
    /** {@code X-Forwarded-For}, {@code -Proto}, {@code -Host}, {@code -Port}. */
    X_FORWARDED,
    /** {@code Forwarded} (RFC 7239). */
    FORWARDED
  }

  private final Predicate<InetAddress> trusted;
  private final Source source;

  /** Trusted proxies say {@code X-Forwarded-For}. */
  public ForwardedHeaders(Predicate<InetAddress> trusted) {
    this(trusted, Source.X_FORWARDED);
  }

  /**
   * @param trusted which neighbours are proxies that overwrite or append to what is read of them
   * @param source what is read of them. Only one, because a proxy that knows the one passes on what
   *     a stranger has put into the other
   */
  public ForwardedHeaders(Predicate<InetAddress> trusted, Source source) {
    this.trusted = trusted;
    this.source = source;
  }

  @Override
  public Optional<Problem> refuse(Request request) {
    return RequestRules.refuse(request);
  }

  @Override
  public HttpFields.Mutable toAgent(Request request, String host) {
    HttpFields received = request.getHeaders();
    Origin origin = Origin.of(request, trusted, source);
    HttpFields.Mutable fields = HttpFields.build();
    for (HttpField field : HopByHop.without(received)) {
      if (isConsumed(request, field)) {
        continue;
      }
      if (passes(HopByHop.normal(field.getName()), origin.vouchedFor())) {
        fields.add(field);
      }
    }
    joinCookies(fields);
    keepTrailers(received, fields);
    fields.put(HttpHeader.HOST, host);
    fields.add(HttpHeader.VIA, version(request) + " " + PSEUDONYM);
    origin.write(fields);
    return fields;
  }

  /** A credential for the relay is not the service's to see, however its name is written. */
  private static boolean isConsumed(Request request, HttpField field) {
    return Routed.authorizationConsumed(request)
        && HopByHop.normal(field.getName()).equals("authorization");
  }

  @Override
  public HttpFields.Mutable toClient(HttpFields fromAgent) {
    return HopByHop.without(fromAgent);
  }

  /**
   * Who has sent the request, as far as it can be known: the neighbour, or who trusted proxies say
   * that it was. Empty if that is no address.
   */
  public Optional<InetAddress> client(Request request) {
    return Origin.of(request, trusted, source).client();
  }

  /** Whether only proxies, or the relay, have a say in the field; the name as normal. */
  static boolean isOfProxies(String name) {
    return name.startsWith("x-forwarded-")
        || name.startsWith("culvert-")
        || name.equals("forwarded")
        || name.equals("x-real-ip")
        // CGI makes HTTP_PROXY of it, which libraries take for a setting.
        || name.equals("proxy");
  }

  /** Host is replaced; framing is the HTTP client's affair. */
  private static boolean passes(String name, boolean vouchedFor) {
    if (name.equals("host") || name.equals("content-length") || Origin.WRITTEN.contains(name)) {
      return false;
    }
    return !isOfProxies(name) || (vouchedFor && name.startsWith("x-forwarded-"));
  }

  /** HTTP/2 may send a cookie in several fields, HTTP/1.1 may not (RFC 9113 section 8.2.3). */
  private static void joinCookies(HttpFields.Mutable fields) {
    List<String> cookies = fields.getValuesList(HttpHeader.COOKIE);
    if (cookies.size() > 1) {
      fields.put(HttpHeader.COOKIE, String.join("; ", cookies));
    }
  }

  private static void keepTrailers(HttpFields received, HttpFields.Mutable fields) {
    if (FieldValues.list(received, "TE").stream().anyMatch("trailers"::equalsIgnoreCase)) {
      fields.put(HttpHeader.TE, "trailers");
    }
    List<String> announced = FieldValues.list(fields, "Trailer");
    List<String> allowed = announced.stream().filter(HopByHop::mayTrail).toList();
    if (allowed.size() < announced.size()) {
      fields.remove(HttpHeader.TRAILER);
      if (!allowed.isEmpty()) {
        fields.put(HttpHeader.TRAILER, String.join(", ", allowed));
      }
    }
  }

  private static String version(Request request) {
    HttpVersion version = request.getConnectionMetaData().getHttpVersion();
    return version == HttpVersion.HTTP_1_0 ? "1.0" : version == HttpVersion.HTTP_1_1 ? "1.1" : "2";
  }
}
