package io.culvert.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpTester;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Behind proxies at 127.0.0.1 and 10.0.0.0/8, which are trusted. What strangers say: the table. */
class ForwardedHeadersTest {
  private static RecordingRelay byXForwarded;
  private static RecordingRelay byForwarded;

  @BeforeAll
  static void start() throws Exception {
    byXForwarded =
        new RecordingRelay(ForwardedHeadersTest::trusted, ForwardedHeaders.Source.X_FORWARDED);
    byForwarded =
        new RecordingRelay(ForwardedHeadersTest::trusted, ForwardedHeaders.Source.FORWARDED);
  }

  private static boolean trusted(InetAddress address) {
    return address.isLoopbackAddress() || address.getAddress()[0] == 10;
  }

  @AfterAll
  static void stop() throws Exception {
    byXForwarded.stop();
    byForwarded.stop();
  }

  @BeforeEach
  void forget() {
    byXForwarded.forget();
    byForwarded.forget();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          203.0.113.7              | 203.0.113.7, 127.0.0.1           | 203.0.113.7
          6.6.6.6, 203.0.113.7     | 203.0.113.7, 127.0.0.1           | 203.0.113.7
          203.0.113.7, 10.0.0.1    | 203.0.113.7, 10.0.0.1, 127.0.0.1 | 203.0.113.7
          10.0.0.3, 6.6.6.6, 10.0.0.1 | 6.6.6.6, 10.0.0.1, 127.0.0.1  | 6.6.6.6
          10.0.0.3, 10.0.0.1       | 10.0.0.3, 10.0.0.1, 127.0.0.1    | 10.0.0.3
          203.0.113.7:4711         | 203.0.113.7, 127.0.0.1           | 203.0.113.7
          2001:db8::1              | 2001:db8:0:0:0:0:0:1, 127.0.0.1  | 2001:db8:0:0:0:0:0:1
          [2001:db8::1]:4711       | 2001:db8:0:0:0:0:0:1, 127.0.0.1  | 2001:db8:0:0:0:0:0:1
          6.6.6.6, unknown         | unknown, 127.0.0.1               |
          6.6.6.6, localhost       | unknown, 127.0.0.1               |
          6.6.6.6, 10.0.0.256      | unknown, 127.0.0.1               |
          6.6.6.6, 1:2:3           | unknown, 127.0.0.1               |
          """)
  void theClientIsWhomTheNearestStrangerIs(String told, String passedOn, String client)
      throws IOException {
    Seen seen = send(byXForwarded, "X-Forwarded-For: " + told);

    assertEquals(List.of(passedOn), seen.values("X-Forwarded-For"));
    assertEquals(client == null ? List.of() : List.of(client), seen.values("X-Real-IP"));
  }

  @Test
  void severalFieldsAreOneList() throws IOException {
    Seen seen =
        send(byXForwarded, "X-Forwarded-For: 6.6.6.6, 203.0.113.7", "X-Forwarded-For: 10.0.0.1");

    assertEquals(List.of("203.0.113.7, 10.0.0.1, 127.0.0.1"), seen.values("X-Forwarded-For"));
  }

  @Test
  void schemeHostAndPortAreThoseThatTheClientUsed() throws IOException {
    Seen seen =
        send(
            byXForwarded,
            "X-Forwarded-For: 203.0.113.7",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: pets.example",
            "X-Forwarded-Prefix: /v1");

    assertEquals(List.of("https"), seen.values("X-Forwarded-Proto"));
    assertEquals(List.of("pets.example"), seen.values("X-Forwarded-Host"));
    assertEquals(List.of("443"), seen.values("X-Forwarded-Port"));
    assertEquals(List.of("/v1"), seen.values("X-Forwarded-Prefix"));
    assertEquals(
        List.of("for=203.0.113.7;host=\"pets.example\";proto=https, for=127.0.0.1"),
        seen.values("Forwarded"));
  }

  @Test
  void whatIsNoSchemeHostOrPortIsNotPassedOn() throws IOException {
    Seen seen =
        send(
            byXForwarded,
            "X-Forwarded-For: 203.0.113.7",
            "X-Forwarded-Proto: javascript",
            "X-Forwarded-Host: a\";proto=https;for=\"b",
            "X-Forwarded-Port: 99999");

    assertEquals(List.of("http"), seen.values("X-Forwarded-Proto"));
    assertEquals(List.of(SmugglingTable.HOST), seen.values("X-Forwarded-Host"));
    assertEquals(List.of("80"), seen.values("X-Forwarded-Port"));
    assertEquals(
        List.of("for=203.0.113.7;host=\"pets.localhost\";proto=http, for=127.0.0.1"),
        seen.values("Forwarded"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          for=203.0.113.7;proto=https;host="a.example:8443" | 203.0.113.7 | https | a.example:8443 | 8443
          For="[2001:db8::1]:4711";Proto=HTTPS | 2001:db8:0:0:0:0:0:1 | https | pets.localhost | 443
          for=6.6.6.6;proto=https, for=203.0.113.7 | 203.0.113.7 | http | pets.localhost | 80
          for=203.0.113.7;host="a, for=6.6.6.6" | 203.0.113.7 | http | pets.localhost | 80
          for=_hidden;proto=https | unknown | https | pets.localhost | 443
          for=unknown | unknown | http | pets.localhost | 80
          proto=https | unknown | https | pets.localhost | 443
          """)
  void forwardedSaysItOfEachProxy(
      String told, String client, String proto, String host, String port) throws IOException {
    Seen seen = send(byForwarded, "Forwarded: " + told, "X-Forwarded-For: 6.6.6.6");

    assertEquals(List.of(client + ", 127.0.0.1"), seen.values("X-Forwarded-For"));
    assertEquals(List.of(proto), seen.values("X-Forwarded-Proto"));
    assertEquals(List.of(host), seen.values("X-Forwarded-Host"));
    assertEquals(List.of(port), seen.values("X-Forwarded-Port"));
  }

  @Test
  void onlyOneOfTheTwoIsRead() throws IOException {
    Seen seen = send(byXForwarded, "Forwarded: for=6.6.6.6;proto=https");

    assertEquals(List.of("127.0.0.1"), seen.values("X-Forwarded-For"));
    assertEquals(
        List.of("for=127.0.0.1;host=\"pets.localhost\";proto=http"), seen.values("Forwarded"));
  }

  @Test
  void addressesOfVersion6AreQuoted() throws IOException {
    Seen seen = send(byXForwarded, "X-Forwarded-For: 2001:db8::1");

    assertEquals(
        List.of("for=\"[2001:db8:0:0:0:0:0:1]\";host=\"pets.localhost\";proto=http, for=127.0.0.1"),
        seen.values("Forwarded"));
  }

  @Test
  void ofAResponseOnlyWhatIsOfOneHopGoes() {
    HttpFields response =
        HttpFields.build()
            .add("Connection", "close, X-Mine")
            .add("X-Mine", "a")
            .add("Keep-Alive", "timeout=9")
            .add("Transfer-Encoding", "chunked")
            .add("Proxy-Authenticate", "Basic")
            .add("Upgrade", "h2c")
            .add("Content-Length", "4")
            .add("Content-Encoding", "gzip")
            .add("Set-Cookie", "a=b")
            .add("Set-Cookie", "c=d")
            .add("Server", "nginx")
            .add("X-Forwarded-For", "x")
            .add("Trailer", "X-Sum");

    HttpFields passedOn = new ForwardedHeaders(address -> false).toClient(response);

    assertEquals(
        List.of(
            "Content-Length: 4",
            "Content-Encoding: gzip",
            "Set-Cookie: a=b",
            "Set-Cookie: c=d",
            "Server: nginx",
            "X-Forwarded-For: x",
            "Trailer: X-Sum"),
        passedOn.stream().map(Object::toString).toList());
  }

  private static Seen send(RecordingRelay relay, String... fields) throws IOException {
    String request =
        "GET / HTTP/1.1\r\nHost: pets.localhost\r\nConnection: close\r\n"
            + String.join("\r\n", fields)
            + "\r\n\r\n";
    try (Socket socket = new Socket()) {
      socket.setSoTimeout(10_000);
      socket.connect(relay.address(), 10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      assertEquals(200, HttpTester.parseResponse(socket.getInputStream()).getStatus());
    }
    return relay.seen().get(0);
  }
}
