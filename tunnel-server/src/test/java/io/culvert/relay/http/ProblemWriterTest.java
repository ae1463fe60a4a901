package io.culvert.relay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpTester;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a problem reaches the client. */
class ProblemWriterTest {
  private static final String BROWSER =
      "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

  private final Server server = new Server();
  private final LocalConnector connector = new LocalConnector(server);
  private final ProblemWriter writer = new ProblemWriter();
  private volatile Problem problem =
      ProblemCode.UPSTREAM_REFUSED.problem("localhost:3000 refuses connections");

  @BeforeEach
  void start() throws Exception {
    server.addConnector(connector);
    server.setErrorHandler(new ProblemErrorHandler(writer, request -> "early"));
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback) {
            if (request.getHttpURI().getPath().equals("/throws")) {
              throw new IllegalStateException("password 1234");
            }
            response.getHeaders().put(HttpHeader.CONTENT_ENCODING, "gzip");
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer");
            writer.write(problem, "id-1", request, response, callback);
            return true;
          }
        });
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    server.stop();
  }

  @Test
  void saysWhatFailedWhereAndWhetherItWasDelivered() throws Exception {
    HttpTester.Response response = get("/", "");

    JsonObject expected = new JsonObject();
    expected.addProperty("type", "urn:culvert:problem:upstream-refused");
    expected.addProperty("title", "The service refuses connections");
    expected.addProperty("status", 502);
    expected.addProperty("detail", "localhost:3000 refuses connections");
    expected.addProperty("code", "upstream-refused");
    expected.addProperty("hop", "upstream");
    expected.addProperty("delivered", "no");
    expected.addProperty("requestId", "id-1");
    assertEquals(502, response.getStatus());
    assertEquals("application/problem+json", response.get(HttpHeader.CONTENT_TYPE));
    assertEquals("no-store", response.get(HttpHeader.CACHE_CONTROL));
    assertNull(response.get(HttpHeader.RETRY_AFTER));
    assertEquals(expected, JsonParser.parseString(response.getContent()));
  }

  @Test
  void fieldsOfTheResponseThatFailedAreGone() throws Exception {
    HttpTester.Response response = get("/", "");

    assertNull(response.get(HttpHeader.CONTENT_ENCODING));
    assertEquals("Bearer", response.get(HttpHeader.WWW_AUTHENTICATE));
  }

  @Test
  void typeLeadsToWhereThePageIsPublished() {
    String json = new ProblemWriter("https://example.com/errors#").json(problem, "id-1");

    assertTrue(json.contains("\"type\":\"https://example.com/errors#upstream-refused\""), json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          */*                                  | application/problem+json
          application/json                     | application/problem+json
          application/problem+json, text/html;q=0.9 | application/problem+json
          application/*;q=0.5, text/html;q=0.4 | application/problem+json
          text/html, application/json          | application/problem+json
          text/html;q=1.5, */*                 | application/problem+json
          ''                                   | application/problem+json
          text/html                            | text/html;charset=utf-8
          Text/HTML;Level=1                    | text/html;charset=utf-8
          text/html;q=0.6, application/json;Q=0.5, */*;q=0.1 | text/html;charset=utf-8
          */*, application/*;q=0               | text/html;charset=utf-8
          text/plain                           | text/plain;charset=utf-8
          text/plain, text/html;q=0.5          | text/plain;charset=utf-8
          image/png                            | text/plain;charset=utf-8
          application/json;q=0, application/problem+json;q=0 | text/plain;charset=utf-8
          text/html;q="1                       | text/html;charset=utf-8
          "                                    | text/plain;charset=utf-8
          """)
  void theClientChoosesTheForm(String accept, String contentType) throws Exception {
    assertEquals(contentType, get("/", "Accept: " + accept + "\r\n").get(HttpHeader.CONTENT_TYPE));
  }

  @Test
  void aBrowserGetsAPageInWhichNothingIsTakenForMarkup() throws Exception {
    problem =
        ProblemCode.UPSTREAM_BAD_RESPONSE.problem("<script>alert('1')</script>\" onload=\"x&y");

    HttpTester.Response response = get("/", "Accept: " + BROWSER + "\r\n");

    assertEquals("text/html;charset=utf-8", response.get(HttpHeader.CONTENT_TYPE));
    assertFalse(response.getContent().contains("<script"), response.getContent());
    assertTrue(
        response
            .getContent()
            .contains(
                "&lt;script&gt;alert(&apos;1&apos;)&lt;/script&gt;&quot; onload=&quot;x&amp;y"),
        response.getContent());
    assertTrue(
        response.get("Content-Security-Policy").startsWith("default-src 'none'"),
        response.toString());
  }

  @ParameterizedTest
  @CsvSource({"AGENTS_AWAY, 5", "RELAY_STOPPING, 1", "STREAM_LIMIT, 1", "AGENT_REFUSED, 1"})
  void whoIsToTryAgainIsToldWhen(ProblemCode code, String seconds) throws Exception {
    problem = code.problem("");

    HttpTester.Response response = get("/", "");

    assertEquals(503, response.getStatus());
    assertEquals(seconds, response.get(HttpHeader.RETRY_AFTER));
  }

  @Test
  void headHasTheFieldsAndNoBody() throws Exception {
    String response =
        connector.getResponse("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", true, 5, TimeUnit.SECONDS);

    assertTrue(response.startsWith("HTTP/1.1 502 "), response);
    assertTrue(response.contains("Content-Type: application/problem+json"), response);
    assertTrue(response.endsWith("\r\n\r\n"), response);
  }

  @Test
  void whatJettyRefusesIsAProblemToo() throws Exception {
    HttpTester.Response response =
        HttpTester.parseResponse(connector.getResponse("GET / HTTP/1.1\r\nHost : a\r\n\r\n"));

    JsonObject body = JsonParser.parseString(response.getContent()).getAsJsonObject();
    assertEquals(400, response.getStatus());
    assertEquals("bad-request", body.get("code").getAsString());
    assertEquals("relay", body.get("hop").getAsString());
    assertEquals("early", body.get("requestId").getAsString());
  }

  @Test
  void aMistakeInTheRelayIsReportedWithoutItsMessage() throws Exception {
    HttpTester.Response response = get("/throws", "");

    JsonObject body = JsonParser.parseString(response.getContent()).getAsJsonObject();
    assertEquals(500, response.getStatus());
    assertEquals("relay-failed", body.get("code").getAsString());
    assertFalse(response.getContent().contains("1234"), response.getContent());
  }

  private HttpTester.Response get(String path, String fields) throws Exception {
    return HttpTester.parseResponse(
        connector.getResponse("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"));
  }
}
