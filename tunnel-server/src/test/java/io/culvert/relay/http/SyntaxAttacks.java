package io.culvert.relay.http;

import static io.culvert.relay.http.SmugglingTable.Expectation.neutralised;
import static io.culvert.relay.http.SmugglingTable.Expectation.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;

/** Attacks by heads that are no heads, and the heads that only look like it. */
final class SyntaxAttacks extends SmugglingTable {
  SyntaxAttacks() {
    lines();
    fields();
    requestLines();
    sizes();
    urls();
  }

  private void lines() {
    String group = "line";
    head(group, "folded field", GET, "X: a\r\n b", refused(400));
    head(group, "folded field, tab", GET, "X: a\r\n\tb", refused(400));
    head(group, "bare carriage return in a value", GET, "X: a\rY: b", refused(400));
    head(group, "bare carriage return at the end", GET, "X: a\r\rY: b", refused(400));
    head(group, "bare line feed in a value", GET, "X: a\nY: b", refused(400));
    head(group, "NUL in a value", GET, "X: a\u0000b", refused(400));
    head(group, "NUL in a name", GET, "X\u0000: a", refused(400));
    head(group, "escape in a value", GET, "X: a\u001bb", refused(400));
    row(
        group,
        "bare line feeds only",
        "GET /attack HTTP/1.1\nHost: " + HOST + "\n\n",
        refused(400));
    row(group, "bare line feed at the end", GET + TO_HOST + "\n", refused(400));
    unfinished(group, "head that ends early", GET + TO_HOST, refused(400, 0));
  }

  private void fields() {
    String group = "field";
    head(group, "space before the colon", GET, "X : a", refused(400));
    head(group, "no colon", GET, "X", refused(400));
    head(group, "no name", GET, ": a", refused(400));
    head(group, "quoted name", GET, "\"X\": a", refused(400));
    head(group, "brackets in the name", GET, "X[]: a", refused(400));
    head(group, "not ASCII in the name", GET, "X\u00e9: a", refused(400));
    row(group, "space before the first name", GET + " " + TO_HOST + "\r\n", refused(400));
    head(group, "expectation that nobody knows", POST, "Expect: 200-ok", refused(417));
    head(
        group,
        "range and conditions are passed",
        GET,
        "Range: bytes=0-3",
        "If-Range: \"a\"",
        "If-None-Match: \"b\"",
        neutralised(
            seen -> {
              assertEquals(List.of("bytes=0-3"), seen.values("Range"));
              assertEquals(List.of("\"a\""), seen.values("If-Range"));
              assertEquals(List.of("\"b\""), seen.values("If-None-Match"));
            }));
    head(
        group,
        "bytes above ASCII in a value are passed",
        GET,
        "X: caf\u00e9",
        neutralised(seen -> assertEquals(List.of("caf\u00e9"), seen.values("X"))));
  }

  private void requestLines() {
    String group = "request line";
    String end = "\r\n" + TO_HOST + "\r\n";
    row(
        group,
        "two spaces before the version",
        "GET /attack  HTTP/1.1" + end,
        neutralised(seen -> assertEquals("/attack", seen.target())));
    row(
        group,
        "two spaces before the target",
        "GET  /attack HTTP/1.1" + end,
        neutralised(seen -> assertEquals("/attack", seen.target())));
    row(group, "a tab for a space", "GET\t/attack HTTP/1.1" + end, refused(400));
    row(group, "a space in the target", "GET /attack /smuggled HTTP/1.1" + end, refused(400, 505));
    row(group, "something after the version", "GET /attack HTTP/1.1 x" + end, refused(400));
    row(group, "no version", "GET /attack" + end, refused(505));
    row(group, "HTTP/0.9", "GET /attack\r\n", refused(505));
    row(group, "HTTP/1.2", "GET /attack HTTP/1.2" + end, refused(505));
    row(group, "HTTP/1.10", "GET /attack HTTP/1.10" + end, refused(400, 505));
    row(group, "HTTP/2.0", "GET /attack HTTP/2.0" + end, refused(426, 505));
    row(group, "HTTP/3.0", "GET /attack HTTP/3.0" + end, refused(505));
    row(
        group,
        "http/1.1",
        "GET /attack http/1.1" + end,
        neutralised(seen -> assertEquals("/attack", seen.target())));
    row(group, "first bytes of HTTP/2 and no more", "PRI * HTTP/2.0" + end, refused(426, 505, 0));
    row(group, "no target", "GET HTTP/1.1" + end, refused(400, 505));
    row(group, "quotes in the method", "\"GET\" /attack HTTP/1.1" + end, refused(400));
    row(
        group,
        "method that nobody knows",
        "BREW /attack HTTP/1.1" + end,
        neutralised(seen -> assertEquals("BREW", seen.method())));
    row(group, "CONNECT", "CONNECT " + HOST + ":80 HTTP/1.1" + end, refused(501));
    row(group, "CONNECT elsewhere", "CONNECT other.localhost:80 HTTP/1.1" + end, refused(400, 501));
    row(group, "authority as target", "GET " + HOST + ":80 HTTP/1.1" + end, refused(400));
    row(group, "target without slash", "GET attack HTTP/1.1" + end, refused(400));
    row(group, "OPTIONS without slash", "OPTIONS attack HTTP/1.1" + end, refused(400));
    row(group, "asterisk", "GET * HTTP/1.1" + end, refused(400));
    row(
        group,
        "OPTIONS of the server",
        "OPTIONS * HTTP/1.1" + end,
        neutralised(seen -> assertEquals("*", seen.target())));
    row(group, "not ASCII in the target", "GET /caf\u00e9 HTTP/1.1" + end, refused(400));
    row(group, "fragment", "GET /attack#x HTTP/1.1" + end, refused(400));
    row(
        group,
        "absolute",
        "GET http://" + HOST + "/attack?x HTTP/1.1" + end,
        neutralised(seen -> assertEquals("/attack?x", seen.target())));
    row(
        group,
        "absolute without path",
        "GET http://" + HOST + " HTTP/1.1" + end,
        neutralised(seen -> assertEquals("/", seen.target())));
    row(
        group,
        "absolute, another host",
        "GET http://other.localhost/attack HTTP/1.1" + end,
        refused(400));
    row(
        group,
        "absolute, another port",
        "GET http://" + HOST + ":81/attack HTTP/1.1" + end,
        refused(400));
    row(
        group,
        "absolute, user",
        "GET http://" + HOST + "@other.localhost/ HTTP/1.1" + end,
        refused(400));
    row(
        group,
        "absolute, user of the same host",
        "GET http://u@" + HOST + "/ HTTP/1.1" + end,
        refused(400));
    row(group, "absolute, file", "GET file://" + HOST + "/etc/passwd HTTP/1.1" + end, refused(400));
    row(
        group,
        "absolute, https on a plain connection",
        "GET https://" + HOST + "/attack HTTP/1.1" + end,
        neutralised(seen -> assertEquals(List.of("http"), seen.values("X-Forwarded-Proto"))));
    row(
        group,
        "two slashes and a host",
        "GET //other.localhost/attack HTTP/1.1" + end,
        neutralised(
            seen -> {
              assertEquals("//other.localhost/attack", seen.target());
              assertEquals(List.of(HOST), seen.values("Host"));
            }));
  }

  private void sizes() {
    String large = "x".repeat(StrictHttp.MAX_HEADER_BYTES);
    unfinished("size", "field", GET + TO_HOST + "X: " + large + "\r\n\r\n", refused(431));
    unfinished(
        "size", "many fields", GET + TO_HOST + "X: y\r\n".repeat(5_500) + "\r\n", refused(431));
    unfinished(
        "size", "target", "GET /" + large + " HTTP/1.1\r\n" + TO_HOST + "\r\n", refused(414));
    unfinished("size", "method", large + " / HTTP/1.1\r\n" + TO_HOST + "\r\n", refused(400, 431));
  }

  /** What belongs to the service is passed on as it is. */
  private void urls() {
    for (String target :
        List.of(
            "/a%2Fb",
            "/a%2fb/..%2f..%2fc",
            "/a;b=c/..;/d",
            "//a///b",
            "/a|b",
            "/a%25zz",
            "/a/../b/./c",
            "/%ff%fe",
            "/a\\b",
            "/a?b=http://c/../d&e=%zz|{}",
            "/{a}/[b]/^`\"<>",
            "/a?",
            "/?",
            "/a?b?c=/../d")) {
      row(
          "URL",
          target,
          "GET " + target + " HTTP/1.1\r\n" + TO_HOST + "\r\n",
          neutralised(seen -> assertEquals(target, seen.target())));
    }
    // Jetty refuses these whatever it is told.
    for (String target : List.of("/a/../../b", "/%2e%2e/a", "/a%00b", "/a%zz")) {
      row("URL", target, "GET " + target + " HTTP/1.1\r\n" + TO_HOST + "\r\n", refused(400));
    }
  }
}
