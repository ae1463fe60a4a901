package io.culvert.relay.http;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;

/** Fields that are for the next hop only, and are not passed on (RFC 9110 section 7.6.1). */
final class HopByHop {
  private static final Set<String> ALWAYS =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "transfer-encoding",
          "upgrade",
          "http2-settings");

  /**
   * Fields that {@code Connection} must not name: a client that could take away what comes after it
   * or what the service decides by could make two hops see two different requests.
   */
  private static final Set<String> NEVER =
      Set.of(
          "authorization",
          "cache-control",
          "content-encoding",
          "content-length",
          "content-range",
          "content-type",
          "cookie",
          "expect",
          "forwarded",
          "host",
          "origin",
          "referer",
          "set-cookie",
          "via",
          "www-authenticate");

  /** Fields that frame or route a message cannot come after it (RFC 9110 section 6.5.1). */
  private static final Set<String> NOT_IN_TRAILERS =
      Set.of(
          "authorization",
          "cache-control",
          "content-encoding",
          "content-length",
          "content-range",
          "content-type",
          "cookie",
          "expect",
          "forwarded",
          "host",
          "max-forwards",
          "proxy",
          "range",
          "set-cookie",
          "trailer",
          "via",
          "www-authenticate");

  private HopByHop() {}

  /**
   * A name as services that make variables of fields know it: CGI and WSGI cannot tell {@code
   * X_Forwarded_For} from {@code X-Forwarded-For}.
   */
  static String normal(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The fields without those of one hop. */
  static HttpFields.Mutable without(HttpFields fields) {
    Set<String> named = named(fields);
    HttpFields.Mutable rest = HttpFields.build();
    for (HttpField field : fields) {
      String name = normal(field.getName());
      if (!ALWAYS.contains(name) && !named.contains(name)) {
        rest.add(field);
      }
    }
    return rest;
  }

  /** The trailers that may be passed on. */
  static HttpFields.Mutable trailers(HttpFields fields) {
    HttpFields.Mutable rest = HttpFields.build();
    for (HttpField field : fields) {
      if (mayTrail(field.getName())) {
        rest.add(field);
      }
    }
    return rest;
  }

  /** Whether a field of this name may come after the content. */
  static boolean mayTrail(String fieldName) {
    String name = normal(fieldName);
    return !ALWAYS.contains(name)
        && !NOT_IN_TRAILERS.contains(name)
        && !ForwardedHeaders.isOfProxies(name);
  }

  private static Set<String> named(HttpFields fields) {
    List<String> options = FieldValues.list(fields, "Connection");
    Set<String> named = new HashSet<>();
    for (String option : options) {
      String name = normal(option);
      if (!NEVER.contains(name) && !ForwardedHeaders.isOfProxies(name)) {
        named.add(name);
      }
    }
    return named;
  }
}
