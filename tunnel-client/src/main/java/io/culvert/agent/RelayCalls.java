package io.culvert.agent;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import io.culvert.SocketConnection;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSource;

/** What an agent asks its relay, over their connection; see docs/relay.md. Blocking. */
final class RelayCalls {
  private static final String RELAY = "http://relay.invalid";
  private static final MediaType JSON = MediaType.get("application/json");
  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  /** A longer line is no request that a relay would tell. */
  private static final long MAX_LINE = 64 << 10;

  private final Gson gson = new Gson();
  private final OkHttpClient client;

  RelayCalls(SocketConnection connection) {
    client =
        new OkHttpClient.Builder()
            .connectTimeout(TIMEOUT)
            .readTimeout(TIMEOUT)
            .writeTimeout(TIMEOUT)
            .followRedirects(false)
            .addInterceptor(connection)
            .build();
  }

  /** The public URL of the agent's name; empty if there is none. */
  String url() throws IOException {
    try (Response response = call(new Request.Builder().url(RELAY + "/agent"), client)) {
      JsonObject agent = gson.fromJson(response.body().string(), JsonObject.class);
      return agent != null && agent.has("url") && !agent.get("url").isJsonNull()
          ? agent.get("url").getAsString()
          : "";
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw new IOException("the relay's answer to GET /agent is not what it should be", e);
    }
  }

  /** Says whether the upstream answers. */
  void health(boolean healthy, String reason) throws IOException {
    JsonObject body = new JsonObject();
    body.addProperty("healthy", healthy);
    if (!healthy) {
      body.addProperty("reason", reason);
    }
    call(
            new Request.Builder()
                .url(RELAY + "/health")
                .put(RequestBody.create(body.toString(), JSON)),
            client)
        .close();
  }

  /** Reads requests until the connection or the relay ends it. */
  void requests(Consumer<RequestSeen> seen) throws IOException {
    OkHttpClient patient = client.newBuilder().readTimeout(Duration.ZERO).build();
    try (Response response = call(new Request.Builder().url(RELAY + "/requests"), patient)) {
      BufferedSource lines = response.body().source();
      while (!lines.exhausted()) {
        String line = lines.readUtf8LineStrict(MAX_LINE);
        RequestSeen request = line.isBlank() ? null : gson.fromJson(line, RequestSeen.class);
        if (request != null) {
          seen.accept(request);
        }
      }
    } catch (JsonParseException e) {
      throw new IOException("the relay's answer to GET /requests is not what it should be", e);
    }
  }

  private static Response call(Request.Builder request, OkHttpClient through) throws IOException {
    Response response = through.newCall(request.build()).execute();
    if (!response.isSuccessful()) {
      response.close();
      throw new IOException(
          "the relay answered "
              + response.code()
              + " to "
              + response.request().url().encodedPath());
    }
    return response;
  }
}
