package io.culvert.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Serves an OpenAPI document at {@code /openapi.json}, and at {@code /} a page that shows it. The
 * page needs nothing from anywhere else, and the policy that it comes with sees to that.
 */
final class OpenApiHandler extends Handler.Abstract {
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

  private final Map<String, Content> contents;

  private OpenApiHandler(Map<String, Content> contents) {
    this.contents = contents;
  }

  /**
   * @param bytes read-only, from 0 on
   */
  private record Content(String type, ByteBuffer bytes) {}

  /**
   * Reads the document, once.
   *
   * @throws CliException if it is none
   */
  static OpenApiHandler of(Path file) {
    ByteBuffer document =
        StandardCharsets.UTF_8.encode(OpenApiDocument.json(file)).asReadOnlyBuffer();
    return new OpenApiHandler(
        Map.of(
            "/", new Content("text/html; charset=utf-8", resource("openapi.html")),
            "/openapi.js", new Content("text/javascript; charset=utf-8", resource("openapi.js")),
            "/openapi.css", new Content("text/css; charset=utf-8", resource("openapi.css")),
            "/openapi.json", new Content("application/json", document)));
  }

  private static ByteBuffer resource(String name) {
    try (InputStream in = OpenApiHandler.class.getResourceAsStream(name)) {
      return ByteBuffer.wrap(in.readAllBytes()).asReadOnlyBuffer();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    Content content = contents.get(Request.getPathInContext(request));
    boolean head = HttpMethod.HEAD.is(request.getMethod());
    HttpFields.Mutable headers = response.getHeaders();
    if (content == null || !(head || HttpMethod.GET.is(request.getMethod()))) {
      response.setStatus(
          content == null ? HttpStatus.NOT_FOUND_404 : HttpStatus.METHOD_NOT_ALLOWED_405);
      if (content != null) {
        headers.put(HttpHeader.ALLOW, "GET, HEAD");
      }
      headers.put(HttpHeader.CONTENT_LENGTH, 0);
      callback.succeeded();
      return true;
    }
    response.setStatus(HttpStatus.OK_200);
    headers.put(HttpHeader.CONTENT_TYPE, content.type());
    headers.put(HttpHeader.CONTENT_LENGTH, content.bytes().remaining());
    headers.put("Content-Security-Policy", POLICY);
    headers.put("X-Content-Type-Options", "nosniff");
    headers.put("Referrer-Policy", "no-referrer");
    response.write(true, head ? null : content.bytes().slice(), callback);
    return true;
  }
}
