package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.ConnectionBuilder.PingListener;
import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import okhttp3.Call;
import okhttp3.Callback;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Code of the application that never returns holds up nobody but itself. */
@Timeout(60)
class BlockedApplicationTest {
  private static final int STUCK_CALLS = 20;

  private final Semaphore entered = new Semaphore(0);
  private final CountDownLatch end = new CountDownLatch(1);

  @AfterEach
  void nothingIsLeft() {
    end.countDown();
    Await.noThreads("culvert-");
  }

  /** What application code does here. */
  private void stick() {
    entered.release();
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private ServletContextHandler application() {
    ServletContextHandler application = new ServletContextHandler("/");
    ServletHolder holder = new ServletHolder(new Service());
    holder.setAsyncSupported(true);
    application.addServlet(holder, "/*");
    return application;
  }

  @Test
  void servletsOfEitherSide() throws Exception {
    TunnelServer server = Setup.server().build();
    server.onConnection(connection -> connection.serve(application()));
    try (server) {
      SocketConnection dialed = Setup.client(server.start()).build().connect();
      try (dialed) {
        dialed.serve(application());
        SocketConnection accepted = byServer(server, dialed);
        for (SocketConnection caller : List.of(dialed, accepted)) {
          OkHttpClient http = Setup.http(caller);
          for (String path : List.of("/stuck", "/reading")) {
            // On a stream that is open already, a request arrives on the reader thread.
            assertEquals(200, post(http, "/fine"));
            for (int i = 0; i < STUCK_CALLS; i++) {
              CompletableFuture<Integer> unused = Setup.async(() -> post(http, path));
            }
            entered.acquire(STUCK_CALLS);
            assertOthersGoOn(server, dialed);
          }
        }
        end.countDown();
      }
    }
  }

  @Test
  void listenersOfEitherSide() throws Exception {
    PingListener stuckPings =
        new PingListener() {
          @Override
          public void onPing(SocketConnection connection, byte[] data) {
            stick();
          }
        };
    TunnelServer server =
        Setup.server()
            .heartbeat(Duration.ofMillis(20), Duration.ofMinutes(1))
            .onPing(stuckPings)
            .build();
    server.events().listen(event -> stick());
    server.onConnection(
        connection -> {
          connection.serve(application());
          if (connection.metadata().containsKey("stuck")) {
            stick();
          }
        });
    try (server) {
      SocketConnection dialed =
          Setup.client(server.start())
              .metadata("stuck", "yes")
              .heartbeat(Duration.ofMillis(20), Duration.ofMinutes(1))
              .onPing(stuckPings)
              .onEvent(event -> stick())
              .build()
              .connect();
      try (dialed) {
        dialed.serve(application());
        // The server's handler and its listener of events; the client's, and its pings. The
        // server's pings wait behind the handler.
        entered.acquire(4);
        assertOthersGoOn(server, dialed);
        end.countDown();
      }
    }
  }

  @Test
  void callbacksOfCalls() throws Exception {
    TunnelServer server = Setup.server().build();
    server.onConnection(connection -> connection.serve(application()));
    try (server;
        SocketConnection dialed = Setup.client(server.start()).build().connect()) {
      dialed.serve(application());
      OkHttpClient http = Setup.http(dialed);
      http.newCall(request("/fine").build()).enqueue(new StuckCallback());
      entered.acquire();
      assertOthersGoOn(server, dialed);
      end.countDown();
      http.dispatcher().executorService().shutdown();
    }
  }

  /** Both ways on the connection, and on a new one. */
  private static void assertOthersGoOn(TunnelServer server, SocketConnection dialed)
      throws Exception {
    assertEquals(200, post(Setup.http(dialed), "/fine"));
    assertEquals(200, post(Setup.http(byServer(server, dialed)), "/fine"));
    try (SocketConnection other = Setup.client(server).build().connect()) {
      assertEquals(200, post(Setup.http(other), "/fine"));
    }
  }

  private static SocketConnection byServer(TunnelServer server, SocketConnection dialed) {
    Await.until("the server has it", () -> server.connection(dialed.id()).isPresent());
    return server.connection(dialed.id()).orElseThrow();
  }

  private static int post(OkHttpClient http, String path) throws IOException {
    RequestBody body = RequestBody.create(new byte[100_000]);
    try (Response response = http.newCall(request(path).post(body).build()).execute()) {
      return response.code();
    }
  }

  private static Request.Builder request(String path) {
    return new Request.Builder().url("http://pets" + path);
  }

  private final class StuckCallback implements Callback {
    @Override
    public void onFailure(Call call, IOException failure) {}

    @Override
    public void onResponse(Call call, Response response) {
      stick();
      response.close();
    }
  }

  private final class Service extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      switch (request.getRequestURI()) {
        case "/stuck" -> stick();
        case "/reading" -> {
          AsyncContext async = request.startAsync();
          request.getInputStream().setReadListener(new StuckReader(async));
        }
        default -> request.getInputStream().readAllBytes();
      }
    }
  }

  private final class StuckReader implements ReadListener {
    private final AsyncContext async;

    StuckReader(AsyncContext async) {
      this.async = async;
    }

    @Override
    public void onDataAvailable() {
      stick();
      async.complete();
    }

    @Override
    public void onAllDataRead() {}

    @Override
    public void onError(Throwable failure) {}
  }
}
