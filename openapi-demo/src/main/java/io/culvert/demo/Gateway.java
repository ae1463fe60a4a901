package io.culvert.demo;

import io.culvert.SocketConnection;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.Okio;

/**
 * Answers plain HTTP with what the peer of a connection serves, so that curl can try it: enough for
 * a demonstration, no relay.
 */
final class Gateway extends HttpServlet {
  private static final long serialVersionUID = 1;

  /** RFC 9110 section 7.6.1: they belong to one hop. Host names the next one. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "host",
          "content-length");

  private final transient OkHttpClient http;

  Gateway(SocketConnection connection) {
    http =
        new OkHttpClient.Builder()
            .followRedirects(false)
            .readTimeout(Duration.ZERO)
            .addInterceptor(connection)
            .build();
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try (Response answer = http.newCall(translate(request)).execute()) {
      response.setStatus(answer.code());
      for (int i = 0; i < answer.headers().size(); i++) {
        if (passes(answer.headers().name(i))) {
          response.addHeader(answer.headers().name(i), answer.headers().value(i));
        }
      }
      String length = answer.header("Content-Length");
      if (length != null) {
        response.setHeader("Content-Length", length);
      }
      // The head of an event feed goes out before there is an event; that of HEAD has no body.
      response.flushBuffer();
      copy(answer.body().byteStream(), response.getOutputStream());
    }
  }

  private static Request translate(HttpServletRequest request) {
    String query = request.getQueryString();
    HttpUrl url =
        HttpUrl.get("http://pets.localhost")
            .newBuilder()
            .encodedPath(request.getRequestURI())
            .encodedQuery(query)
            .build();
    Request.Builder builder = new Request.Builder().url(url);
    for (String name : Collections.list(request.getHeaderNames())) {
      if (passes(name)) {
        Collections.list(request.getHeaders(name)).forEach(v -> builder.addHeader(name, v));
      }
    }
    // Else OkHttp would ask for gzip and unpack it behind the header's back.
    if (request.getHeader("Accept-Encoding") == null) {
      builder.header("Accept-Encoding", "identity");
    }
    boolean hasBody = !Set.of("GET", "HEAD").contains(request.getMethod());
    return builder.method(request.getMethod(), hasBody ? new Body(request) : null).build();
  }

  private static boolean passes(String header) {
    return !HOP_BY_HOP.contains(header.toLowerCase(Locale.ROOT));
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[16 * 1024];
    int count;
    while ((count = in.read(buffer)) >= 0) {
      out.write(buffer, 0, count);
      out.flush();
    }
  }

  /** The body of a servlet request, passed on as it is read. */
  private static final class Body extends RequestBody {
    private final HttpServletRequest request;

    Body(HttpServletRequest request) {
      this.request = request;
    }

    @Override
    public MediaType contentType() {
      String type = request.getContentType();
      return type == null ? null : MediaType.parse(type);
    }

    @Override
    public long contentLength() {
      return request.getContentLengthLong();
    }

    @Override
    public boolean isOneShot() {
      return true;
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
      sink.writeAll(Okio.source(request.getInputStream()));
    }
  }
}
