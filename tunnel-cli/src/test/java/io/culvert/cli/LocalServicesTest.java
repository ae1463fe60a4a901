package io.culvert.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an agent serves by itself: a directory, or an OpenAPI document. */
final class LocalServicesTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();

  @TempDir Path directory;
  private Path files;

  @BeforeEach
  void files() throws IOException {
    files = Files.createDirectory(directory.resolve("public"));
    Files.writeString(directory.resolve("secret.txt"), "secret");
    Files.writeString(files.resolve("a.txt"), "0123456789");
    Files.writeString(files.resolve(".env"), "secret");
    Files.createDirectory(files.resolve("empty"));
    Files.createDirectories(files.resolve(".git"));
    Files.writeString(files.resolve(".git/config"), "secret");
    Files.createDirectories(files.resolve(".well-known"));
    Files.writeString(files.resolve(".well-known/.env"), "secret");
    Files.createSymbolicLink(files.resolve("link.txt"), directory.resolve("secret.txt"));
    Files.createSymbolicLink(files.resolve("out"), directory);
    Files.createDirectory(files.resolve("site"));
    Files.writeString(files.resolve("site/index.html"), "<p>home</p>");
  }

  @Test
  void aFileComesWithATagAndInParts() throws Exception {
    try (LocalServer server = LocalServer.start(FileHandler.of(files))) {
      HttpResponse<String> whole = get(server, "/a.txt");
      assertEquals("0123456789", whole.body());
      String tag = whole.headers().firstValue("ETag").orElseThrow();
      assertEquals(304, get(server, "/a.txt", "If-None-Match", tag).statusCode());
      HttpResponse<String> part = get(server, "/a.txt", "Range", "bytes=2-4");
      assertEquals(206, part.statusCode());
      assertEquals("234", part.body());
      assertEquals("<p>home</p>", get(server, "/site/").body());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e%2fsecret.txt",
        "/a/../../secret.txt",
        "/..;/secret.txt",
        "/..\\secret.txt",
        "/%252e%252e/secret.txt",
        "//secret.txt",
        "/link.txt",
        "/out/secret.txt",
        "/out/public/../secret.txt",
        "/.env",
        "/.well-known/.env",
        "/%2eenv",
        "/.git/config",
        "/site/../.env",
        "/empty/",
        "/"
      })
  void nothingElseIsServed(String path) throws Exception {
    try (LocalServer server = LocalServer.start(FileHandler.of(files))) {
      String answer = raw(server, path);
      assertTrue(answer.matches("(?s)HTTP/1.1 4[0-9]{2} .*"), answer);
      assertFalse(answer.contains("secret\n") || answer.endsWith("secret"), answer);
      assertFalse(answer.contains("a.txt"), answer);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        """
        openapi: 3.1.0
        paths:
          /pets:
            get: {responses: {200: {description: ok}}}
        """,
        """
        {"openapi": "3.1.0",
         "paths": {"/pets": {"get": {"responses": {"200": {"description": "ok"}}}}}}
        """
      })
  void aDocumentIsServedAsJsonHoweverItWasWritten(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("api"), text);
    try (LocalServer server = LocalServer.start(OpenApiHandler.of(file))) {
      assertEquals(
          "ok",
          JsonParser.parseString(get(server, "/openapi.json").body())
              .getAsJsonObject()
              .getAsJsonObject("paths")
              .getAsJsonObject("/pets")
              .getAsJsonObject("get")
              .getAsJsonObject("responses")
              .getAsJsonObject("200")
              .get("description")
              .getAsString());
    }
  }

  @Test
  void thePageTakesNothingFromAnywhereElse() throws Exception {
    Path file = Files.writeString(directory.resolve("api"), "openapi: 3.1.0\n");
    try (LocalServer server = LocalServer.start(OpenApiHandler.of(file))) {
      HttpResponse<String> page = get(server, "/");
      assertEquals("text/html; charset=utf-8", page.headers().firstValue("Content-Type").get());
      String policy = page.headers().firstValue("Content-Security-Policy").orElseThrow();
      assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
      for (String path : new String[] {"/", "/openapi.js", "/openapi.css"}) {
        HttpResponse<String> part = get(server, path);
        assertEquals(200, part.statusCode());
        assertFalse(part.body().matches("(?s).*(https?:)?//[a-z].*"), path);
        assertFalse(part.body().contains("innerHTML"), path);
      }
      assertEquals(404, get(server, "/other").statusCode());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "- a", "title: x", "openapi: [", "\u0000"})
  void whatIsNoDocumentIsRefusedBeforeAnythingIsServed(String text) throws IOException {
    Path file = Files.writeString(directory.resolve("api"), text);
    CliException refused = assertThrows(CliException.class, () -> OpenApiHandler.of(file));
    assertEquals(ExitCodes.USAGE, refused.exitCode());
    assertTrue(refused.getMessage().contains(file.toString()), refused.getMessage());
  }

  private static HttpResponse<String> get(LocalServer server, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(server.url().resolve(path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  /** The JDK's client would tidy the path up. */
  private static String raw(LocalServer server, String path) throws IOException {
    URI url = server.url();
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      String request = "GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
      out.write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
