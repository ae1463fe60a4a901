package io.culvert.relay.http;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import io.culvert.relay.route.Routed;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Answers with a problem: {@code application/problem+json} (RFC 9457), a page for clients that
 * would rather have HTML, text for those that take neither. Thread-safe.
 */
public final class ProblemWriter {
  /**
   * The default of {@link #ProblemWriter(String)}. A URN, because a relative reference would be
   * resolved against the URL that failed, and that is the service's space, not the relay's.
   */
  public static final String URN = "urn:culvert:problem:";

  /** What survives of the fields that a response already has. */
  private static final List<HttpHeader> KEPT =
      List.of(HttpHeader.WWW_AUTHENTICATE, HttpHeader.CONNECTION, HttpHeader.RETRY_AFTER);

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  private final String typePrefix;

  /** Writes {@code type} as {@link #URN} and the code. */
  public ProblemWriter() {
    this(URN);
  }

  /**
   * @param typePrefix what {@code type} is before the code, an absolute URI: {@code
   *     https://docs.example.com/errors#} where docs/errors.md is published
   */
  public ProblemWriter(String typePrefix) {
    this.typePrefix = typePrefix;
  }

  /**
   * Answers, and completes the callback when the answer is written. Fields that the response
   * already has are dropped, but for {@code WWW-Authenticate}, {@code Retry-After} and {@code
   * Connection}. Reads what has arrived of the request's content, so nobody else may be reading it.
   * If the response is committed, fails the callback instead, which cuts the response short.
   *
   * @param requestId what the log calls this request; names nothing secret
   */
  public void write(
      Problem problem, String requestId, Request request, Response response, Callback callback) {
    Routed.code(request, problem.code());
    if (response.isCommitted()) {
      callback.failed(new IllegalStateException("too late to say " + problem.code()));
      return;
    }
    // Else a body that goes on would be taken for the connection's next request, or be waited for.
    request.consumeAvailable();
    Form form = Form.of(request.getHeaders().getValuesList(HttpHeader.ACCEPT));
    byte[] body = render(form, problem, requestId).getBytes(StandardCharsets.UTF_8);
    keepOnly(response);
    response.setStatus(problem.status());
    HttpFields.Mutable fields = response.getHeaders();
    fields.put(HttpHeader.CONTENT_TYPE, form.contentType);
    fields.put(HttpHeader.CONTENT_LENGTH, body.length);
    fields.put(HttpHeader.CACHE_CONTROL, "no-store");
    fields.put("X-Content-Type-Options", "nosniff");
    if (form == Form.HTML) {
      fields.put("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'");
    }
    ProblemCode.of(problem.code())
        .flatMap(ProblemCode::retryAfter)
        .ifPresent(after -> fields.put(HttpHeader.RETRY_AFTER, after.toSeconds()));
    response.write(true, ByteBuffer.wrap(body), callback);
  }

  private static void keepOnly(Response response) {
    List<HttpField> kept =
        response.getHeaders().stream().filter(field -> KEPT.contains(field.getHeader())).toList();
    response.reset();
    kept.forEach(response.getHeaders()::add);
  }

  private String render(Form form, Problem problem, String requestId) {
    return switch (form) {
      case JSON -> json(problem, requestId);
      case HTML -> ProblemPage.html(problem, type(problem), requestId);
      case TEXT -> ProblemPage.text(problem, type(problem), requestId);
    };
  }

  private String type(Problem problem) {
    return typePrefix + problem.code();
  }

  /** The problem as RFC 9457 has it, with the members that Culvert adds. */
  String json(Problem problem, String requestId) {
    JsonObject json = new JsonObject();
    json.addProperty("type", type(problem));
    json.addProperty("title", problem.title());
    json.addProperty("status", problem.status());
    if (!problem.detail().isEmpty()) {
      json.addProperty("detail", problem.detail());
    }
    json.addProperty("code", problem.code());
    json.addProperty("hop", problem.hop().name().toLowerCase(Locale.ROOT));
    json.addProperty("delivered", problem.delivered().name().toLowerCase(Locale.ROOT));
    json.addProperty("requestId", requestId);
    return GSON.toJson(json);
  }

  /** What the answer is written as. */
  enum Form {
    JSON("application/problem+json"),
    HTML("text/html;charset=utf-8"),
    TEXT("text/plain;charset=utf-8");

    private final String contentType;

    Form(String contentType) {
      this.contentType = contentType;
    }

    /** What the values of {@code Accept} prefer: JSON if there is no preference. */
    static Form of(List<String> accept) {
      MediaRanges ranges = new MediaRanges(accept);
      double json =
          Math.max(ranges.quality("application/problem+json"), ranges.quality("application/json"));
      double html = ranges.quality("text/html");
      double text = ranges.quality("text/plain");
      if (html > json && html >= text) {
        return HTML;
      }
      // Something has to be said, also to a client that takes nothing of this.
      return text > json || json == 0 ? TEXT : JSON;
    }
  }
}
