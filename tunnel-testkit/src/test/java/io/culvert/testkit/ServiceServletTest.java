package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.testkit.swaggersocket.ServiceServlet;
import io.culvert.testkit.swaggersocket.TranscriptService;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.junit.jupiter.api.Test;

/** What the swaggersocket tests serve, served by a servlet container. */
class ServiceServletTest extends HttpSuite {
  @Override
  protected HttpTunnel connect() {
    return new MemoryTunnel(MemoryConnections.pair());
  }

  private void serveTranscripts() {
    application.addServlet(new ServletHolder(new ServiceServlet(new TranscriptService())), "/");
  }

  @Test
  void theServiceOfTheTranscriptsAnswersAsTheySay() throws Exception {
    serveTranscripts();
    try (Response simple = get("/simple/?q=1")) {
      assertEquals("15", simple.header("Content-Length"));
      assertEquals("text/plain;charset=utf-8", simple.header("Content-Type").replace(" ", ""));
      assertEquals("Hello, Dolores!", simple.body().string());
    }
    try (Response none = get("/none/")) {
      assertEquals(204, none.code());
    }
    try (Response trailers = get("/trailers/")) {
      assertEquals("X-Sum", trailers.header("Trailer"));
      assertEquals("body", trailers.body().string());
      assertEquals("7", trailers.trailers().get("X-Sum"));
    }
    byte[] bytes = {'A', (byte) 0x80, (byte) 0xff, 0};
    try (Response echo =
        client().newCall(request("/echo/").post(RequestBody.create(bytes)).build()).execute()) {
      assertEquals(
          new String(bytes, StandardCharsets.ISO_8859_1),
          new String(echo.body().bytes(), StandardCharsets.ISO_8859_1));
    }
    assertEquals(404, get("/other/").code());
  }

  @Test
  void eachFlushIsReadByItself() throws Exception {
    serveTranscripts();
    try (Response response = get("/chunked/")) {
      InputStream body = response.body().byteStream();
      for (int i = 1; i <= 10; i++) {
        byte[] buffer = new byte[100];
        int count = body.read(buffer);
        assertEquals("Chunk #" + i + "\n", new String(buffer, 0, count, StandardCharsets.UTF_8));
      }
      assertEquals(-1, body.read());
    }
  }

  @Test
  void aFlushFailsWhenTheOtherSideIsGone() throws Exception {
    Semaphore gone = new Semaphore(0);
    CompletableFuture<IOException> told = new CompletableFuture<>();
    ServiceServlet servlet =
        new ServiceServlet(
            exchange -> {
              try {
                exchange.write("x");
                exchange.flush();
                gone.acquire();
                while (true) {
                  exchange.write("x");
                  exchange.flush();
                }
              } catch (IOException e) {
                told.complete(e);
                throw e;
              }
            });
    application.addServlet(new ServletHolder(servlet), "/");
    try (Response response = get("/")) {
      assertEquals('x', response.body().byteStream().read());
    }
    gone.release();
    told.get(30, TimeUnit.SECONDS);
  }
}
