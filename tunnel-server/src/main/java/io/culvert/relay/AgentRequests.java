package io.culvert.relay;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.culvert.relay.route.Agent;
import io.culvert.relay.route.Health;
import io.culvert.relay.route.Names;
import io.culvert.servlet.TunnelConnector;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Function;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** What agents ask the relay itself, on streams that they open: docs/relay.md. */
final class AgentRequests extends Handler.Abstract {
  private static final int MAX_BODY_BYTES = 8 << 10;
  private static final int MAX_REASON = 200;

  private final Presence presence;
  private final Names names;
  private final RequestFeeds feeds;
  private final Function<String, Optional<String>> url;

  /**
   * @param url the public URL of a name, if it has one
   */
  AgentRequests(
      Presence presence, Names names, RequestFeeds feeds, Function<String, Optional<String>> url) {
    this.presence = presence;
    this.names = names;
    this.feeds = feeds;
    this.url = url;
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws IOException {
    String id = String.valueOf(request.getAttribute(TunnelConnector.CONNECTION_ID));
    Agent agent = presence.agent(id).orElse(null);
    String path = Request.getPathInContext(request);
    if (agent == null) {
      Answers.text(response, callback, 403, "only agents may ask here");
    } else if (path.equals("/health")) {
      if (allowed(HttpMethod.PUT, request, response, callback)) {
        health(agent, request, response, callback);
      }
    } else if (path.equals("/requests")) {
      if (allowed(HttpMethod.GET, request, response, callback)) {
        requests(id, request, response, callback);
      }
    } else if (path.equals("/agent")) {
      if (allowed(HttpMethod.GET, request, response, callback)) {
        Answers.json(response, callback, describe(agent, id));
      }
    } else {
      Answers.text(response, callback, 404, "there is /health, /requests and /agent");
    }
    return true;
  }

  private static boolean allowed(
      HttpMethod method, Request request, Response response, Callback callback) {
    boolean allowed = method.is(request.getMethod());
    if (!allowed) {
      response.getHeaders().put(HttpHeader.ALLOW, method.asString());
      Answers.text(response, callback, 405, "expected " + method);
    }
    return allowed;
  }

  private void health(Agent agent, Request request, Response response, Callback callback)
      throws IOException {
    long length = request.getLength();
    if (length < 0 || length > MAX_BODY_BYTES) {
      int status = length < 0 ? 411 : 413;
      Answers.text(
          response, callback, status, "expected a body of at most " + MAX_BODY_BYTES + " bytes");
      return;
    }
    Optional<Health> said = parse(Content.Source.asString(request));
    if (said.isEmpty()) {
      Answers.text(
          response, callback, 400, "expected {\"healthy\": true} or false with a \"reason\"");
      return;
    }
    names.health(agent, said.get());
    response.setStatus(204);
    callback.succeeded();
  }

  static Optional<Health> parse(String body) {
    try {
      JsonElement json = JsonParser.parseString(body);
      if (!json.isJsonObject()) {
        return Optional.empty();
      }
      JsonObject object = json.getAsJsonObject();
      if (!isBoolean(object.get("healthy"))) {
        return Optional.empty();
      }
      JsonElement reason = object.get("reason");
      boolean healthy = object.get("healthy").getAsBoolean();
      String why =
          healthy || reason == null || !reason.isJsonPrimitive() ? "" : reason.getAsString();
      return Optional.of(new Health(healthy, printable(why)));
    } catch (JsonParseException e) {
      return Optional.empty();
    }
  }

  private static boolean isBoolean(JsonElement json) {
    return json != null && json.isJsonPrimitive() && json.getAsJsonPrimitive().isBoolean();
  }

  /** It goes to terminals and logs. */
  private static String printable(String text) {
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return line.length() > MAX_REASON ? line.substring(0, MAX_REASON) : line;
  }

  private void requests(String id, Request request, Response response, Callback callback) {
    RequestFeed[] feed = new RequestFeed[1];
    Callback gone = Callback.from(() -> feeds.remove(id, feed[0]), callback);
    feed[0] = new RequestFeed(response, gone);
    if (!feeds.add(id, feed[0])) {
      Answers.text(
          response,
          callback,
          429,
          "an agent may listen to " + RequestFeeds.MAX_PER_AGENT + " feeds at once");
      return;
    }
    // A reader that has gone while there is nothing to write is noticed by this only.
    request.addFailureListener(feed[0]::abort);
    response.setStatus(200);
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/x-ndjson");
    feed[0].iterate();
  }

  private JsonObject describe(Agent agent, String connectionId) {
    JsonObject json = new JsonObject();
    json.addProperty("name", agent.name());
    url.apply(agent.name()).ifPresent(known -> json.addProperty("url", known));
    json.addProperty("agentId", agent.agentId());
    json.addProperty("connectionId", connectionId);
    return json;
  }
}
