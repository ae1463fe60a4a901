package io.culvert.websocket;

import java.util.Map;
import java.util.regex.Pattern;

/** What the headers of an upgrade request may be (RFC 9110 section 5): checks for adapters. */
public final class UpgradeHeaders {
  private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

  private UpgradeHeaders() {}

  /**
   * Checks the headers of a request, and its proxy authorization: a line break in a value would let
   * its author write headers of their own.
   *
   * @throws IllegalArgumentException naming the header, but not its value
   */
  public static void check(DialRequest request) {
    check(request.headers());
    if (request.proxyAuthorization() != null) {
      check("Proxy-Authorization", request.proxyAuthorization());
    }
  }

  /**
   * Checks names and values.
   *
   * @throws IllegalArgumentException naming the header, but not its value
   */
  public static void check(Map<String, String> headers) {
    headers.forEach(UpgradeHeaders::check);
  }

  private static void check(String name, String value) {
    if (!TOKEN.matcher(name).matches()) {
      throw new IllegalArgumentException("the name of a header is not a token of RFC 9110");
    }
    if (value.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new IllegalArgumentException(
          "expected printable ASCII on one line as the value of header " + name);
    }
  }
}
