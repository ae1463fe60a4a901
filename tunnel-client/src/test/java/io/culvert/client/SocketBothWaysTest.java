package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.SocketConnection;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Both sides serve and call at once on one connection, and one stalled reader harms nobody. */
@Timeout(300)
class SocketBothWaysTest {
  private static final int CALLERS = 32;
  private static final int CALLS = 300;

  private final ExecutorService threads =
      Executors.newCachedThreadPool(task -> new Thread(task, "both-ways"));
  private SocketTunnel tunnel;

  @BeforeEach
  void connect() throws Exception {
    tunnel = SocketTunnel.up();
  }

  @AfterEach
  void close() throws Exception {
    tunnel.close();
    threads.shutdownNow();
    assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS));
  }

  @Test
  void bothSidesCallAtOnceAndEveryResponseBelongsToItsRequest() throws Exception {
    tunnel.caller().serve(new Echo("of the caller"));
    tunnel.callee().serve(new Echo("of the callee"));
    List<Future<?>> done = new ArrayList<>();
    for (int caller = 0; caller < CALLERS; caller++) {
      int number = caller;
      done.add(threads.submit(() -> call(tunnel.caller(), number, "of the callee")));
      done.add(threads.submit(() -> call(tunnel.callee(), number, "of the caller")));
    }
    for (Future<?> future : done) {
      future.get();
    }
  }

  private static Void call(SocketConnection connection, int caller, String suffix)
      throws IOException {
    OkHttpClient http = client(connection);
    for (int i = 0; i < CALLS; i++) {
      String body = "body " + caller + " " + i + " ".repeat(i);
      Request request =
          new Request.Builder()
              .url("http://peer.test/echo")
              .post(RequestBody.create(body, null))
              .build();
      try (Response response = http.newCall(request).execute()) {
        assertEquals(body + suffix, response.body().string());
      }
    }
    return null;
  }

  @Test
  void oneStalledReaderNeitherSlowsOthersNorFillsBuffersBeyondTheirBound() throws Exception {
    Endless endless = new Endless();
    tunnel.callee().serve(endless);
    OkHttpClient http = client(tunnel.caller());
    try (Response stalled = http.newCall(get("/endless")).execute()) {
      assertEquals(200, stalled.code());
      endless.progress.acquire(); // it has begun
      List<Future<Long>> others = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        others.add(threads.submit(() -> download(http)));
      }
      for (Future<Long> other : others) {
        assertEquals(Endless.FINITE, other.get());
      }
      // 256 KiB of window, 64 KiB of send buffer, and what Jetty and OkHttp buffer around them.
      long bound = (256 + 64 + 128) * 1024;
      assertTrue(endless.written.get() <= bound, "written: " + endless.written.get());
    }
  }

  private static long download(OkHttpClient http) throws IOException {
    try (Response response = http.newCall(get("/finite")).execute();
        InputStream in = response.body().byteStream()) {
      return in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private static Request get(String path) {
    return new Request.Builder().url("http://peer.test" + path).build();
  }

  private static OkHttpClient client(SocketConnection connection) {
    return new OkHttpClient.Builder()
        .addInterceptor(connection)
        .readTimeout(2, TimeUnit.MINUTES)
        .build();
  }

  private static final class Echo extends HttpServlet {
    private static final long serialVersionUID = 1;
    private final String suffix;

    Echo(String suffix) {
      this.suffix = suffix;
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      request.getInputStream().transferTo(response.getOutputStream());
      response.getOutputStream().print(suffix);
    }
  }

  private static final class Endless extends HttpServlet {
    private static final long serialVersionUID = 1;
    static final long FINITE = 1 << 20;

    final transient Semaphore progress = new Semaphore(0);
    final AtomicLong written = new AtomicLong();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      byte[] block = new byte[4096];
      OutputStream out = response.getOutputStream();
      if (request.getPathInfo().equals("/finite")) {
        for (int i = 0; i < FINITE; i += block.length) {
          out.write(block);
        }
        return;
      }
      while (true) {
        out.write(block);
        written.addAndGet(block.length);
        progress.release();
      }
    }
  }
}
