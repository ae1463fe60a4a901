package io.culvert.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.culvert.SocketConnection;
import io.culvert.relay.RelayStatus.ConnectionStatus;
import io.culvert.testkit.Await;
import java.io.BufferedReader;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an agent asks its relay, on streams that it opens. */
@Timeout(60)
class RelayAgentRequestsTest {
  private Relay relay;
  private SocketConnection agent;
  private OkHttpClient http;

  @BeforeEach
  void start() throws Exception {
    relay = Relays.builder().build().start();
    agent = Relays.agent(relay.address(), "pets", "1").build().connect();
    Await.until("it is there", () -> relay.status().connections().size() == 1);
    http =
        new OkHttpClient.Builder()
            .addInterceptor(agent)
            .readTimeout(Duration.ofSeconds(30))
            .build();
  }

  @AfterEach
  void stop() {
    agent.abort();
    relay.close();
    Await.noThreads("culvert-");
  }

  private Response ask(String method, String path, String body) throws IOException {
    RequestBody sent = body == null ? null : RequestBody.create(body, null);
    return http.newCall(
            new Request.Builder().url("http://relay" + path).method(method, sent).build())
        .execute();
  }

  private int status(String method, String path, String body) throws IOException {
    try (Response response = ask(method, path, body)) {
      return response.code();
    }
  }

  private ConnectionStatus shown() {
    return relay.status().connections().get(0);
  }

  @Test
  void healthIsShownAndChangesWhoIsNext() throws Exception {
    SocketConnection other = Relays.agent(relay.address(), "pets", "2").build().connect();
    Await.until("it is there", () -> relay.status().connections().size() == 2);
    assertTrue(shown().health().healthy());
    assertEquals(204, status("PUT", "/health", "{\"healthy\":false,\"reason\":\"ref\\nused\"}"));
    assertFalse(shown().health().healthy());
    assertEquals("ref used", shown().health().reason());
    for (int i = 0; i < 4; i++) {
      assertEquals("200 2", Relays.getHost(relay.address(), "pets.localhost"));
    }
    assertEquals(204, status("PUT", "/health", "{\"healthy\":true}"));
    assertTrue(shown().health().healthy());
    other.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          PUT  | /health   | {}                  | 400
          PUT  | /health   | {"healthy": "true"} | 400
          PUT  | /health   | [1]                 | 400
          PUT  | /health   | no JSON             | 400
          POST | /health   | {"healthy": true}   | 405
          POST | /requests | {}                  | 405
          GET  | /nothing  |                     | 404
          GET  | /status   |                     | 404
          """)
  void whatIsWrongIsSaid(String method, String path, String body, int status) throws Exception {
    assertEquals(status, status(method, path, body));
    assertTrue(shown().health().healthy());
  }

  @Test
  void aBodyThatIsTooLongIsRefused() throws Exception {
    assertEquals(413, status("PUT", "/health", " ".repeat(9_000)));
  }

  @Test
  void anAgentHearsItsUrl() throws Exception {
    try (Response response = ask("GET", "/agent", null)) {
      JsonObject json = JsonParser.parseString(response.body().string()).getAsJsonObject();
      assertEquals("pets", json.get("name").getAsString());
      assertEquals("1", json.get("agentId").getAsString());
      assertEquals(agent.id(), json.get("connectionId").getAsString());
      assertEquals(
          "http://pets.localhost:" + relay.address().getPort(), json.get("url").getAsString());
    }
  }

  @Test
  void anAgentHearsOfItsRequestsAndOfNoOthers() throws Exception {
    SocketConnection other = Relays.agent(relay.address(), "cars", "2").build().connect();
    Await.until("it is there", () -> relay.status().connections().size() == 2);
    try (Response response = ask("GET", "/requests", null)) {
      assertEquals(200, response.code());
      assertEquals("application/x-ndjson", response.header("Content-Type"));
      Relays.getHost(relay.address(), "cars.localhost");
      Relays.getHost(relay.address(), "pets.localhost");
      BufferedReader lines = new BufferedReader(response.body().charStream());
      JsonObject line = JsonParser.parseString(lines.readLine()).getAsJsonObject();
      assertEquals("GET", line.get("method").getAsString());
      assertEquals("/pets", line.get("path").getAsString());
      assertEquals(200, line.get("status").getAsInt());
      assertEquals(1, line.get("sent").getAsLong());
      assertEquals(0, line.get("received").getAsLong());
      assertEquals("127.0.0.1", line.get("remote").getAsString());
      assertTrue(line.get("millis").getAsLong() >= 0);
      assertTrue(Instant.parse(line.get("time").getAsString()).isBefore(Instant.now()));
      assertFalse(line.get("id").getAsString().isEmpty());
      assertFalse(line.has("missed"));

      // Stopping ends the feed in order, and is not kept waiting by it.
      CompletableFuture<Void> stopped =
          CompletableFuture.runAsync(() -> relay.stop(Duration.ofMinutes(5)));
      assertEquals(null, lines.readLine());
      stopped.get(50, TimeUnit.SECONDS);
    } finally {
      other.abort();
    }
  }

  @Test
  void feedsAreBounded() throws Exception {
    Response[] open = new Response[RequestFeeds.MAX_PER_AGENT];
    for (int i = 0; i < open.length; i++) {
      open[i] = ask("GET", "/requests", null);
      assertEquals(200, open[i].code());
    }
    assertEquals(429, status("GET", "/requests", null));
    open[0].close();
    Await.until(
        "the relay has noticed that one is gone",
        () -> {
          try (Response again = ask("GET", "/requests", null)) {
            return again.code() == 200;
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        });
    for (Response response : open) {
      response.close();
    }
  }
}
