package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.ConnectionRuntime;
import io.culvert.okhttp.TunnelInterceptor;
import io.culvert.servlet.ServletHost;
import io.culvert.swaggersocket.SwaggerConnection;
import io.culvert.swaggersocket.SwaggerSettings;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** One side of swaggersocket against a peer that plays the other to the byte. */
@Timeout(60)
abstract class SwaggerScript {
  static final SwaggerSettings SETTINGS = SwaggerTunnel.SETTINGS;
  static final String GET =
      crlf(
          """
          GET /simple/?q=1 HTTP/1.1
          Host: localhost:9090
          User-Agent: Go-http-client/1.1
          X-Correlation-Id: 6c1

          """);
  static final String OK_5 = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

  final ConnectionRuntime runtime = ConnectionRuntime.create("test");
  final ExecutorService threads = Executors.newCachedThreadPool();
  final SwaggerPeer peer = new SwaggerPeer();
  final SwaggerRecorder recorder = new SwaggerRecorder();
  Map<String, String> metadata = Map.of();
  SwaggerConnection connection;
  SpyWebSocket ours;
  private TunnelInterceptor interceptor;
  private ServletHost host;

  static String crlf(String lines) {
    return lines.replace("\n", "\r\n");
  }

  @AfterEach
  void close() {
    if (interceptor != null) {
      interceptor.close();
    }
    if (host != null) {
      host.close();
    }
    connection.abort("test is over");
    threads.shutdownNow();
    runtime.close();
  }

  void open(boolean dialer, SwaggerSettings settings) {
    MemoryWebSockets network = MemoryWebSockets.on(runtime.executor());
    if (dialer) {
      connection = SwaggerConnection.dialer(runtime, settings, metadata, recorder);
    } else {
      connection = SwaggerConnection.acceptor(runtime, settings, recorder);
    }
    SpyWebSocket.On listener = new SpyWebSocket.On(connection.socketListener());
    network.pair(dialer ? listener : peer, dialer ? peer : listener);
    ours = listener.spy;
  }

  /** Our side accepted and serves; the peer dialed and calls. */
  void serve(Service service) throws Exception {
    open(false, SETTINGS);
    attach(service);
    peer.dial();
    connection.awaitEstablished();
  }

  /** Sets the handler. */
  void attach(Service service) {
    host = ServletHost.builder(new Lambda(service)).build().start();
    connection.streamHandler(host.streams());
  }

  /** Our side dialed and calls; the peer accepted and serves. */
  OkHttpClient call(SwaggerSettings settings) throws Exception {
    open(true, settings);
    peer.accept();
    connection.awaitEstablished();
    return client();
  }

  OkHttpClient client() {
    interceptor = new TunnelInterceptor(connection, false);
    return new OkHttpClient.Builder().addInterceptor(interceptor).build();
  }

  static Request.Builder request() {
    return new Request.Builder().url("http://api.test/simple/").header("X-Correlation-Id", "6c1");
  }

  Future<String> text(OkHttpClient client, Request request) {
    return threads.submit(
        () -> {
          try (Response response = client.newCall(request).execute()) {
            return response.code() + " " + response.body().string();
          }
        });
  }

  void awaitIdle() throws InterruptedException {
    assertTrue(connection.awaitIdle(Duration.ofSeconds(30)));
  }

  boolean connectionIsIdle() {
    try {
      return connection.awaitIdle(Duration.ZERO);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  interface Service {
    void handle(HttpServletRequest request, HttpServletResponse response) throws IOException;
  }

  static final class Lambda extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Service service;

    Lambda(Service service) {
      this.service = service;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      service.handle(request, response);
    }
  }
}
