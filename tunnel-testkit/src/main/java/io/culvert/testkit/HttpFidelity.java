package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import okhttp3.Cache;
import okhttp3.CookieJar;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.eclipse.jetty.ee11.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee11.servlet.FilterHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that a message of HTTP can say arrives, and both libraries do with it what they do.
 */
public abstract class HttpFidelity extends HttpSuite {
  private static final MediaType TEXT = MediaType.get("text/plain; charset=utf-8");

  @Test
  void methodTargetHeadersAndBodyArrive() throws Exception {
    serve(
        "/echo/*",
        (request, response) -> {
          response.setHeader("X-Seen", request.getHeader("X-Sent"));
          response.setStatus(201);
          response.setContentType("text/plain; charset=utf-8");
          String body = new String(request.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
          response
              .getWriter()
              .print(
                  request.getMethod()
                      + " "
                      + request.getRequestURI()
                      + "?"
                      + request.getQueryString()
                      + " "
                      + request.getServerName()
                      + " "
                      + body);
        });
    for (String method : List.of("POST", "PUT", "PATCH", "DELETE")) {
      Request request =
          request("/echo/a%20b?q=%C3%A9&r")
              .header("X-Sent", "one, two")
              .method(method, RequestBody.create("naïve ✓", TEXT))
              .build();
      try (Response response = client().newCall(request).execute()) {
        assertEquals(201, response.code());
        assertEquals("one, two", response.header("X-Seen"));
        assertEquals(
            method + " /echo/a%20b?q=%C3%A9&r service.test naïve ✓", response.body().string());
      }
    }
  }

  @Test
  void theRequestKnowsItsConnection() throws Exception {
    serve(
        "/who",
        (request, response) ->
            response
                .getWriter()
                .print(
                    request.getAttribute("io.culvert.viaTunnel")
                        + " "
                        + request.getAttribute("io.culvert.connectionId")
                        + " "
                        + (request.getAttribute("io.culvert.metadata") instanceof Map)
                        + " "
                        + (request.getRemoteAddr() != null)));
    String[] who = text(get("/who")).split(" ", -1);
    assertEquals("true", who[0]);
    assertTrue(who[1].matches("[0-9a-f]{32}"), who[1]);
    assertEquals("true", who[2]);
    assertEquals("true", who[3]);
  }

  @Test
  void headAndBodilessStatusesHaveNoBodyAndKeepTheStream() throws Exception {
    serve(
        "/page",
        (request, response) -> {
          response.setContentLength(5);
          response.getWriter().print("hello");
        });
    serve("/none", (request, response) -> response.setStatus(204));
    for (int i = 0; i < 3; i++) {
      Request head = request("/page").head().build();
      try (Response response = client().newCall(head).execute()) {
        assertEquals("5", response.header("Content-Length"));
        assertEquals("", response.body().string());
      }
      try (Response response = get("/none")) {
        assertEquals(204, response.code());
      }
      assertEquals("hello", text(get("/page")));
    }
    assertEquals(1, tunnel.openStreams());
  }

  @Test
  void theServerIsNotNamed() throws Exception {
    serve("/", (request, response) -> {});
    try (Response response = get("/")) {
      assertNull(response.header("Server"));
      assertNull(response.header("X-Powered-By"));
    }
  }

  @Test
  void redirectsAreFollowedAndMayChangeTheScheme() throws Exception {
    serve("/from", (request, response) -> response.sendRedirect("https://service.test/to"));
    serve(
        "/to",
        (request, response) ->
            response.getWriter().print(request.getScheme() + " " + request.isSecure()));
    try (Response response = get("/from")) {
      assertEquals("https://service.test/to", response.request().url().toString());
      assertNotNull(response.priorResponse());
      assertEquals("https true", response.body().string());
    }
  }

  @Test
  void httpsStaysHttpsForCookiesAndServlets() throws Exception {
    serve(
        "/login",
        (request, response) -> {
          Cookie cookie = new Cookie("token", "t1");
          cookie.setSecure(true);
          cookie.setHttpOnly(true);
          cookie.setPath("/");
          response.addCookie(cookie);
        });
    serve(
        "/me",
        (request, response) ->
            response
                .getWriter()
                .print(
                    request.getRequestURL()
                        + " "
                        + request.isSecure()
                        + " "
                        + (request.getCookies() == null ? "none" : request.getCookies().length)));
    OkHttpClient withCookies = client().newBuilder().cookieJar(new Jar()).build();
    HttpUrl login = HttpUrl.get("https://service.test/login");
    withCookies.newCall(new Request.Builder().url(login).build()).execute().close();
    Request me = new Request.Builder().url("https://service.test/me").build();
    assertEquals("https://service.test/me true 1", text(withCookies.newCall(me).execute()));
    // A secure cookie is not for http, whatever carries it.
    assertTrue(text(withCookies.newCall(request("/me").build()).execute()).endsWith(" none"));
  }

  @Test
  void cacheRevalidatesForBothSchemes(@TempDir Path directory) throws Exception {
    AtomicInteger hits = new AtomicInteger();
    serve(
        "/cached",
        (request, response) -> {
          hits.incrementAndGet();
          response.setHeader("ETag", "\"v1\"");
          response.setHeader("Cache-Control", "no-cache");
          if ("\"v1\"".equals(request.getHeader("If-None-Match"))) {
            response.setStatus(304);
          } else {
            response.getWriter().print("body");
          }
        });
    try (Cache cache = new Cache(directory.toFile(), 1 << 20)) {
      OkHttpClient caching = client().newBuilder().cache(cache).build();
      for (String scheme : List.of("http", "https")) {
        Request request = new Request.Builder().url(scheme + "://service.test/cached").build();
        assertEquals("body", text(caching.newCall(request).execute()));
        try (Response second = caching.newCall(request).execute()) {
          assertEquals(200, second.code());
          assertEquals(304, second.networkResponse().code());
          assertEquals("body", second.body().string());
        }
      }
      assertEquals(4, hits.get());
      assertEquals(2, cache.hitCount());
    }
  }

  @Test
  void gzipIsUndone() throws Exception {
    serve(
        "/gzip",
        (request, response) -> {
          assertEquals("gzip", request.getHeader("Accept-Encoding"));
          response.setHeader("Content-Encoding", "gzip");
          try (GZIPOutputStream out = new GZIPOutputStream(response.getOutputStream())) {
            out.write("squeezed".repeat(10_000).getBytes(StandardCharsets.US_ASCII));
          }
        });
    assertEquals("squeezed".repeat(10_000), text(get("/gzip")));
  }

  @Test
  void multipartIsTakenApart() throws Exception {
    serve(
        "/upload",
        (request, response) -> {
          request.setAttribute(
              "org.eclipse.jetty.multipartConfig", new MultipartConfigElement((String) null));
          StringBuilder parts = new StringBuilder();
          for (var part : request.getParts()) {
            parts.append(part.getName()).append('=').append(part.getSubmittedFileName());
            parts.append(':').append(part.getInputStream().readAllBytes().length).append(' ');
          }
          response.getWriter().print(parts);
        });
    application
        .getServletHandler()
        .getServlets()[0]
        .getRegistration()
        .setMultipartConfig(new MultipartConfigElement((String) null));
    RequestBody body =
        new MultipartBody.Builder()
            .setType(MultipartBody.FORM)
            .addFormDataPart("name", "Rex")
            .addFormDataPart("photo", "rex.jpg", RequestBody.create(new byte[100_000]))
            .build();
    Request request = request("/upload").post(body).build();
    assertEquals("name=null:3 photo=rex.jpg:100000 ", text(client().newCall(request).execute()));
  }

  @Test
  void responseTrailersArrive() throws Exception {
    serve(
        "/trailers",
        (request, response) -> {
          response.setHeader("Trailer", "X-Sum");
          response.setTrailerFields(() -> Map.of("X-Sum", "42"));
          response.getWriter().print("body");
        });
    try (Response response = get("/trailers")) {
      assertEquals("body", response.body().string());
      assertEquals("42", response.trailers().get("X-Sum"));
    }
  }

  @Test
  void authenticatorAnswersAChallenge() throws Exception {
    serve(
        "/private",
        (request, response) -> {
          if (request.getHeader("Authorization") == null) {
            response.setHeader("WWW-Authenticate", "Basic realm=\"test\"");
            response.setStatus(401);
          } else {
            response.getWriter().print(request.getHeader("Authorization"));
          }
        });
    OkHttpClient authenticating =
        client()
            .newBuilder()
            .authenticator(
                (route, response) ->
                    response.request().newBuilder().header("Authorization", "Basic abc").build())
            .build();
    assertEquals("Basic abc", text(authenticating.newCall(request("/private").build()).execute()));
  }

  @Test
  void informationalResponsesAreSkipped() throws Exception {
    serve(
        "/hints",
        (request, response) -> {
          response.setHeader("Link", "</style.css>; rel=preload");
          response.sendError(103);
          response.sendError(102);
          response.getWriter().print("final");
        });
    assertEquals("final", text(get("/hints")));
    assertEquals("final", text(get("/hints")));
  }

  @Test
  void continueIsAskedForAndGiven() throws Exception {
    serve(
        "/continue",
        (request, response) -> {
          if (request.getHeader("X-Refuse") != null) {
            response.setStatus(417);
          } else {
            response.getWriter().print(request.getInputStream().readAllBytes().length);
          }
        });
    RequestBody body = RequestBody.create(new byte[200_000]);
    Request ask = request("/continue").header("Expect", "100-continue").post(body).build();
    assertEquals("200000", text(client().newCall(ask).execute()));
    Request refused = ask.newBuilder().header("X-Refuse", "1").build();
    try (Response response = client().newCall(refused).execute()) {
      assertEquals(417, response.code());
    }
    assertEquals("200000", text(client().newCall(ask).execute()));
  }

  @Test
  void aServletThatThrowsAnswers500AndHarmsNothing() throws Exception {
    serve(
        "/broken",
        (request, response) -> {
          throw new IllegalStateException("expected by the test");
        });
    serve("/fine", (request, response) -> response.getWriter().print("fine"));
    for (int i = 0; i < 3; i++) {
      try (Response response = get("/broken")) {
        assertEquals(500, response.code());
        assertFalse(response.body().string().contains("at io.culvert"), "a stack trace leaked");
      }
      assertEquals("fine", text(get("/fine")));
    }
  }

  @Test
  void errorPagesAndUnknownPathsWork() throws Exception {
    serve("/missing", (request, response) -> response.sendError(404));
    serve("/error-page", (request, response) -> response.getWriter().print("our own page"));
    ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
    errors.addErrorPage(404, "/error-page");
    application.setErrorHandler(errors);
    try (Response response = get("/missing")) {
      assertEquals(404, response.code());
      assertEquals("our own page", response.body().string());
    }
    assertEquals(404, statusOf("/nowhere"));
  }

  private int statusOf(String path) throws Exception {
    try (Response response = get(path)) {
      return response.code();
    }
  }

  @Test
  void filtersSessionsAndAsyncWork() throws Exception {
    Filter filter =
        (request, response, chain) -> {
          ((HttpServletResponse) response).setHeader("X-Filtered", "yes");
          chain.doFilter(request, response);
        };
    FilterHolder holder = new FilterHolder(filter);
    holder.setAsyncSupported(true);
    application.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST));
    serve(
        "/count",
        (request, response) -> {
          Integer count = (Integer) request.getSession().getAttribute("count");
          request.getSession().setAttribute("count", count == null ? 1 : count + 1);
          response.getWriter().print(request.getSession().getAttribute("count"));
        });
    serve("/async", this::answerLater);
    OkHttpClient withCookies = client().newBuilder().cookieJar(new Jar()).build();
    for (int i = 1; i <= 3; i++) {
      Response response = withCookies.newCall(request("/count").build()).execute();
      assertEquals("yes", response.header("X-Filtered"));
      assertEquals(String.valueOf(i), text(response));
    }
    assertEquals("later", text(get("/async")));
  }

  private void answerLater(HttpServletRequest request, HttpServletResponse response) {
    var context = request.startAsync();
    threads.execute(
        () -> {
          try {
            response.getWriter().print("later");
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          } finally {
            context.complete();
          }
        });
  }

  @Test
  void http2WithPriorKnowledgeWorks() throws Exception {
    serve(
        "/h2",
        (request, response) ->
            response
                .getWriter()
                .print(
                    request.getProtocol()
                        + " "
                        + request.getAttribute("io.culvert.viaTunnel")
                        + " "
                        + request.getInputStream().readAllBytes().length));
    OkHttpClient h2 = client().newBuilder().protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)).build();
    for (int i = 0; i < 5; i++) {
      Request request = request("/h2").post(RequestBody.create(new byte[300_000])).build();
      assertEquals("HTTP/2.0 true 300000", text(h2.newCall(request).execute()));
    }
    assertEquals(1, tunnel.openStreams());
  }

  @Test
  void aProxyOfTheClientIsNotUsed() throws Exception {
    serve("/", (request, response) -> response.getWriter().print("direct"));
    java.net.Proxy nobody =
        new java.net.Proxy(
            java.net.Proxy.Type.HTTP, java.net.InetSocketAddress.createUnresolved("nobody", 1));
    OkHttpClient proxied =
        client().newBuilder().proxy(nobody).callTimeout(Duration.ofSeconds(60)).build();
    assertEquals("direct", text(proxied.newCall(request("/").build()).execute()));
  }

  private static final class Jar implements CookieJar {
    private final Map<String, List<okhttp3.Cookie>> cookies = new ConcurrentHashMap<>();

    @Override
    public void saveFromResponse(HttpUrl url, List<okhttp3.Cookie> received) {
      cookies.computeIfAbsent(url.host(), host -> new CopyOnWriteArrayList<>()).addAll(received);
    }

    @Override
    public List<okhttp3.Cookie> loadForRequest(HttpUrl url) {
      Collection<okhttp3.Cookie> known = cookies.getOrDefault(url.host(), List.of());
      return known.stream().filter(cookie -> cookie.matches(url)).toList();
    }
  }
}
