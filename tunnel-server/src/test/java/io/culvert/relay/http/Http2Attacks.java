package io.culvert.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.relay.http.SmugglingTable.Expectation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Attacks over HTTP/2: what could become two requests, or another one, as HTTP/1.1. */
final class Http2Attacks {
  private static final List<String> HEAD =
      List.of(":method: GET", ":scheme: http", ":authority: " + SmugglingTable.HOST);

  private final List<Row> rows = new ArrayList<>();

  private Http2Attacks() {}

  /**
   * One attack.
   *
   * @param fields of a HEADERS frame, as {@code name: value}
   * @param data of a DATA frame; null for none
   * @param trailers of a second HEADERS frame, as {@code name: value}
   * @param expectation status 0 stands for a stream reset or a connection closed
   */
  record Row(
      String name,
      List<String> fields,
      String data,
      List<String> trailers,
      Expectation expectation) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** All of them. */
  static List<Row> rows() {
    Http2Attacks attacks = new Http2Attacks();
    attacks.pseudoFields();
    attacks.characters();
    attacks.fieldsOfOneHop();
    attacks.lengths();
    attacks.origins();
    return List.copyOf(attacks.rows);
  }

  private void pseudoFields() {
    refused("no path", HEAD);
    refused("empty path", with(HEAD, ":path: "));
    refused("path without slash", with(HEAD, ":path: attack"));
    refused("absolute path", with(HEAD, ":path: http://other.localhost/"));
    refused("path with a fragment", with(HEAD, ":path: /a#b"));
    refused("path that is a request", with(HEAD, ":path: / HTTP/1.1\r\nHost: other\r\n\r\n"));
    refused("path with spaces", with(HEAD, ":path: /a HTTP/1.1 b"));
    refused("two paths", with(HEAD, ":path: /a", ":path: /smuggled"));
    refused("unknown pseudo field", with(HEAD, ":path: /a", ":x: y"));
    refused("pseudo field of a response", with(HEAD, ":path: /a", ":status: 200"));
    refused("pseudo field after a field", with(HEAD, "x: y", ":path: /a"));
    refused("no method", List.of(":scheme: http", ":authority: pets.localhost", ":path: /a"));
    refused("method with a space", with(":path: /a", ":method: GET /smuggled"));
    refused("method with a line", with(":path: /a", ":method: GET / HTTP/1.1\r\nX: y\r\n\r\n"));
    refused("scheme that is no http", with(":path: /a", ":scheme: file"));
    refused("scheme with a line", with(":path: /a", ":scheme: http\r\nx: y"));
    refused("no authority", List.of(":method: GET", ":scheme: http", ":path: /a"));
    refused("authority with a user", with(":path: /a", ":authority: u@pets.localhost"));
    refused("authority with a path", with(":path: /a", ":authority: pets.localhost/x"));
    refused("authority with a line", with(":path: /a", ":authority: pets.localhost\r\nx: y"));
    refused("authority and another host", with(HEAD, ":path: /a", "host: other.localhost"));
    refused("two hosts", with(HEAD, ":path: /a", "host: pets.localhost", "host: pets.localhost"));
    refused("CONNECT", List.of(":method: CONNECT", ":authority: other.localhost:80"));
    refused("extended CONNECT", with(":path: /a", ":method: CONNECT", ":protocol: h2c"));
    passed(
        "authority and the same host",
        with(HEAD, ":path: /a|b", "host: pets.localhost"),
        seen -> {
          assertEquals("/a|b", seen.target());
          assertEquals(List.of(SmugglingTable.HOST), seen.values("Host"));
        });
  }

  private void characters() {
    refused("name in capitals", with(HEAD, ":path: /a", "X-Name: y"));
    refused("name with a space", with(HEAD, ":path: /a", "x y: z"));
    refused("name with a colon", with(HEAD, ":path: /a", "x:y: z"));
    refused("name with a line", with(HEAD, ":path: /a", "x\r\ny: z"));
    refused("value with a line", with(HEAD, ":path: /a", "x: y\r\nTransfer-Encoding: chunked"));
    refused("value with a line feed", with(HEAD, ":path: /a", "x: y\nz"));
    refused("value with a carriage return", with(HEAD, ":path: /a", "x: y\rz"));
    refused("value with NUL", with(HEAD, ":path: /a", "x: y\u0000z"));
  }

  private void fieldsOfOneHop() {
    for (String field :
        List.of(
            "transfer-encoding: chunked",
            "connection: close",
            "keep-alive: timeout=9",
            "proxy-connection: keep-alive",
            "upgrade: h2c",
            "te: gzip")) {
      refused(field, with(HEAD, ":path: /a", field));
    }
    passed(
        "te: trailers",
        with(HEAD, ":path: /a", "te: trailers"),
        seen -> assertEquals(List.of("trailers"), seen.values("TE")));
    passed(
        "cookie in pieces",
        with(HEAD, ":path: /a", "cookie: a=b", "cookie: c=d"),
        seen -> assertEquals(List.of("a=b; c=d"), seen.values("Cookie")));
  }

  private void lengths() {
    refused("less than said", post("content-length: 9"), "abcd");
    refused("more than said", post("content-length: 1"), "abcd");
    refused("more than nothing", post("content-length: 0"), "GET /smuggled HTTP/1.1\r\n\r\n");
    refused("two lengths", post("content-length: 4", "content-length: 4"), "abcd");
    refused("two different lengths", post("content-length: 44", "content-length: 4"), "abcd");
    refused("length that is none", post("content-length: +4"), "abcd");
    refused("length list", post("content-length: 4, 4"), "abcd");
    rows.add(
        new Row(
            "trailers that cannot be",
            post("x: y"),
            "abcd",
            List.of("x-sum: 7", "content-length: 0", "host: evil", "x-forwarded-for: 10.9.9.9"),
            Expectation.neutralised(
                seen -> {
                  assertEquals("abcd", seen.body());
                  assertEquals(
                      List.of("x-sum"),
                      seen.trailers().stream().map(field -> field.getLowerCaseName()).toList());
                })));
    rows.add(
        new Row(
            "pseudo field in the trailers",
            post("x: y"),
            "abcd",
            List.of(":path: /smuggled"),
            Expectation.refused(400, 0)));
  }

  private void origins() {
    passed(
        "strangers' claims",
        with(
            HEAD,
            ":path: /a",
            "x-forwarded-for: 10.9.9.9",
            "x_forwarded_for: 10.9.9.9",
            "forwarded: for=10.9.9.9",
            "culvert-name: x"),
        seen -> {
          assertEquals(List.of("127.0.0.1"), seen.values("X-Forwarded-For"));
          assertFalse(seen.names().contains("x_forwarded_for"), seen.toString());
          assertFalse(seen.names().contains("culvert-name"), seen.toString());
          assertTrue(seen.values("Forwarded").get(0).startsWith("for=127.0.0.1;"));
          assertEquals(List.of("2 culvert"), seen.values("Via"));
        });
    passed(
        "https on a plain connection",
        with(":path: /a", ":scheme: https"),
        seen -> assertEquals(List.of("http"), seen.values("X-Forwarded-Proto")));
  }

  private void refused(String name, List<String> fields) {
    refused(name, fields, null);
  }

  private void refused(String name, List<String> fields, String data) {
    rows.add(new Row(name, fields, data, List.of(), Expectation.refused(400, 501, 0)));
  }

  private void passed(String name, List<String> fields, Consumer<Seen> check) {
    rows.add(new Row(name, fields, null, List.of(), Expectation.neutralised(check)));
  }

  private static List<String> post(String... fields) {
    return with(with(":path: /a", ":method: POST"), fields);
  }

  private static List<String> with(List<String> head, String... fields) {
    List<String> all = new ArrayList<>(head);
    all.addAll(Arrays.asList(fields));
    return all;
  }

  /** {@link #HEAD} with the path, and with one of its fields replaced. */
  private static List<String> with(String path, String replacement, String... fields) {
    String name = replacement.substring(0, replacement.indexOf(": "));
    List<String> all = new ArrayList<>(HEAD);
    all.removeIf(field -> field.startsWith(name + ": "));
    all.add(replacement);
    all.add(path);
    all.addAll(Arrays.asList(fields));
    return all;
  }
}
