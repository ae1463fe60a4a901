package io.culvert.relay.http;

import static io.culvert.relay.http.SmugglingTable.Expectation.neutralised;
import static io.culvert.relay.http.SmugglingTable.Expectation.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;

/** Attacks by what a head says, well-formed as it is. */
final class HeaderAttacks extends SmugglingTable {
  HeaderAttacks() {
    hosts();
    hopByHop();
    origins();
  }

  private void hosts() {
    String group = "host";
    row(group, "missing", GET + "\r\n", refused(400));
    row(group, "twice", GET + TO_HOST + "Host: other.localhost\r\n\r\n", refused(400));
    row(group, "twice the same", GET + TO_HOST + TO_HOST + "\r\n", refused(400));
    for (String host :
        List.of(
            "",
            "pets.localhost/x",
            "user@pets.localhost",
            "pets.localhost, other.localhost",
            "pets.localhost other.localhost",
            "pets.localhost:",
            "pets.localhost:x",
            "pets.localhost:+80",
            "pets.localhost:0",
            "pets.localhost:65536",
            "pets.localhost:80:80",
            "http://pets.localhost",
            "pets.localhost?x",
            "pets.localhost#x",
            "pets%2elocalhost",
            "pets\\.localhost",
            "<pets>.localhost",
            "p\u00e9ts.localhost",
            "[::1",
            "[::1]x",
            "::1")) {
      row(group, "'" + visible(host) + "'", GET + "Host: " + host + "\r\n\r\n", refused(400));
    }
    row(
        group,
        "in capitals",
        GET + "Host: PETS.localhost\r\n\r\n",
        neutralised(seen -> assertEquals("/attack", seen.target())));
  }

  private void hopByHop() {
    String group = "hop by hop";
    head(
        group,
        "what is named goes",
        GET,
        "Connection: X-Secret, close",
        "X-Secret: a",
        "Keep-Alive: timeout=9",
        "Proxy-Connection: keep-alive",
        "Proxy-Authorization: Basic eA==",
        neutralised(
            seen -> {
              for (String gone :
                  List.of(
                      "connection",
                      "x-secret",
                      "keep-alive",
                      "proxy-connection",
                      "proxy-authorization")) {
                assertFalse(seen.names().contains(gone), gone);
              }
            }));
    head(
        group,
        "Host cannot be named",
        GET,
        "Connection: Host",
        neutralised(seen -> assertEquals(List.of(HOST), seen.values("Host"))));
    row(
        group,
        "length cannot be named",
        POST + TO_HOST + "Connection: Content-Length\r\nContent-Length: 4\r\n\r\nabcd",
        neutralised(seen -> assertEquals("abcd", seen.body())));
    row(
        group,
        "coding cannot be unnamed",
        POST
            + TO_HOST
            + "Connection: Transfer-Encoding\r\n"
            + CHUNKED
            + "\r\n4\r\nabcd\r\n"
            + NO_CHUNKS,
        neutralised(seen -> assertEquals("abcd", seen.body())));
    head(
        group,
        "credentials cannot be named",
        GET,
        "Connection: Authorization, Cookie",
        "Authorization: Bearer x",
        "Cookie: a=b",
        neutralised(
            seen -> {
              assertEquals(List.of("Bearer x"), seen.values("Authorization"));
              assertEquals(List.of("a=b"), seen.values("Cookie"));
            }));
    head(
        group,
        "the relay's fields cannot be named",
        GET,
        "Connection: X-Forwarded-For, Forwarded, Via",
        neutralised(
            seen -> {
              assertEquals(List.of("127.0.0.1"), seen.values("X-Forwarded-For"));
              assertTrue(seen.names().containsAll(List.of("forwarded", "via")), seen.toString());
            }));
    head(
        group,
        "upgrade to h2c",
        GET,
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
        neutralised(
            seen -> {
              assertFalse(seen.names().contains("upgrade"), seen.toString());
              assertFalse(seen.names().contains("http2-settings"), seen.toString());
            }));
    head(group, "upgrade without Connection", GET, "Upgrade: h2c", refused(400));
    head(
        group,
        "TE",
        GET,
        "TE: gzip, trailers;q=0.5, trailers",
        "Connection: TE",
        neutralised(seen -> assertEquals(List.of("trailers"), seen.values("TE"))));
    head(
        group,
        "quotes that do not end",
        GET,
        "Connection: \"x",
        "TE: \"y",
        "Trailer: z\"",
        neutralised(seen -> assertFalse(seen.names().contains("te"), seen.toString())));
    head(
        group,
        "HTTP_PROXY",
        GET,
        "Proxy: http://evil.localhost",
        neutralised(seen -> assertFalse(seen.names().contains("proxy"))));
    head(
        group,
        "Via is added to",
        GET,
        "Via: 1.0 before",
        neutralised(
            seen -> assertEquals(List.of("1.0 before", "1.1 culvert"), seen.values("Via"))));
  }

  private void origins() {
    String group = "origin";
    head(
        group,
        "X-Forwarded-For",
        GET,
        "X-Forwarded-For: 10.9.9.9",
        neutralised(seen -> assertEquals(List.of("127.0.0.1"), seen.values("X-Forwarded-For"))));
    head(
        group,
        "X_Forwarded_For",
        GET,
        "X_Forwarded_For: 10.9.9.9",
        neutralised(seen -> assertFalse(seen.names().contains("x_forwarded_for"))));
    head(
        group,
        "X_Forwarded_Host",
        GET,
        "X_Forwarded_Host: evil",
        neutralised(seen -> assertFalse(seen.names().contains("x_forwarded_host"))));
    head(
        group,
        "all of X-Forwarded",
        GET,
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: evil",
        "X-Forwarded-Port: 443",
        "X-Forwarded-Prefix: /admin",
        "X-Forwarded-Ssl: on",
        neutralised(
            seen -> {
              assertEquals(List.of("http"), seen.values("X-Forwarded-Proto"));
              assertEquals(List.of(HOST), seen.values("X-Forwarded-Host"));
              assertEquals(List.of("80"), seen.values("X-Forwarded-Port"));
              assertFalse(seen.names().contains("x-forwarded-prefix"), seen.toString());
              assertFalse(seen.names().contains("x-forwarded-ssl"), seen.toString());
            }));
    head(
        group,
        "Forwarded",
        GET,
        "Forwarded: for=10.9.9.9;proto=https;host=evil",
        "Forwarded: by=x",
        neutralised(
            seen ->
                assertEquals(
                    List.of("for=127.0.0.1;host=\"" + HOST + "\";proto=http"),
                    seen.values("Forwarded"))));
    head(
        group,
        "X-Real-IP",
        GET,
        "X-Real-IP: 10.9.9.9",
        neutralised(seen -> assertEquals(List.of("127.0.0.1"), seen.values("X-Real-IP"))));
    head(
        group,
        "Culvert fields",
        GET,
        "Culvert-Serve: pets",
        "culvert_name: x",
        "Culvert-Anything: x",
        neutralised(
            seen ->
                assertTrue(
                    seen.names().stream().noneMatch(name -> name.startsWith("culvert")),
                    seen.toString())));
  }
}
