package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.RecordingListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sockets of a connection without its interceptor, and what goes over them byte by byte. */
@Timeout(60)
class SocketFactoryTest {
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch mayAnswer = new CountDownLatch(1);
  private TunnelServer server;

  @BeforeEach
  void start() throws Exception {
    server = Setup.server().maxStreams(1).build();
    server.onConnection(connection -> connection.serve(new TestServlet(this::serve)));
    server.start();
  }

  @AfterEach
  void stop() {
    mayAnswer.countDown();
    server.close();
    Await.noThreads("culvert-");
  }

  private void serve(
      jakarta.servlet.http.HttpServletRequest request,
      jakarta.servlet.http.HttpServletResponse response)
      throws Exception {
    switch (request.getRequestURI()) {
      case "/hints" -> {
        response.setHeader("Link", "</style.css>; rel=preload");
        response.sendError(103);
        response.sendError(102);
      }
      case "/gate" -> {
        entered.countDown();
        mayAnswer.await();
      }
      default -> {}
    }
    int body = request.getInputStream().readAllBytes().length;
    response.getWriter().print(request.getProtocol() + " " + body);
  }

  private static OkHttpClient.Builder client(SocketConnection connection) {
    return new OkHttpClient.Builder()
        .socketFactory(connection.socketFactory())
        .dns(host -> List.of(InetAddress.getLoopbackAddress()))
        .proxy(Proxy.NO_PROXY)
        .connectionPool(new ConnectionPool())
        .connectTimeout(RecordingListener.HANG_GUARD)
        .readTimeout(RecordingListener.HANG_GUARD);
  }

  private static Request post(String path) {
    RequestBody body = RequestBody.create(new byte[300_000]);
    return new Request.Builder().url("http://pets.test" + path).post(body).build();
  }

  private static String text(OkHttpClient http, Request request) throws IOException {
    try (Response response = http.newCall(request).execute()) {
      return response.body().string();
    }
  }

  @Test
  void aClientBuiltWithItNeedsNoInterceptor() throws Exception {
    try (SocketConnection connection = Setup.client(server).build().connect()) {
      OkHttpClient http = client(connection).build();
      for (int i = 0; i < 3; i++) {
        assertEquals("HTTP/1.1 300000", text(http, post("/")));
      }
      assertEquals(1, connection.activeStreams());
      http.connectionPool().evictAll();
    }
  }

  @Test
  void http2WithPriorKnowledgeWorksOverIt() throws Exception {
    try (SocketConnection connection = Setup.client(server).build().connect()) {
      OkHttpClient http =
          client(connection).protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE)).build();
      for (int i = 0; i < 3; i++) {
        assertEquals("HTTP/2.0 300000", text(http, post("/")));
      }
      assertEquals(1, connection.activeStreams());
      http.connectionPool().evictAll();
    }
  }

  /** The only stream is taken, so a further call waits for one, and no longer than it said. */
  @Test
  void theConnectTimeoutBoundsTheWaitForAStream() throws Exception {
    try (SocketConnection connection = Setup.client(server).build().connect()) {
      OkHttpClient http = Setup.http(connection);
      OkHttpClient impatient = http.newBuilder().connectTimeout(Duration.ofMillis(50)).build();
      Future<String> first = Setup.async(() -> text(http, post("/gate")));
      Setup.await(entered);
      Throwable failure = Setup.failure(Setup.async(() -> text(impatient, post("/"))));
      TunnelException why = assertInstanceOf(TunnelException.class, failure);
      assertInstanceOf(SocketTimeoutException.class, why.getCause());
      assertEquals(Delivered.NO, why.delivered());
      mayAnswer.countDown();
      assertEquals("HTTP/1.1 300000", first.get());
      assertEquals("HTTP/1.1 300000", text(impatient, post("/")));
    }
  }

  /** OkHttp shows nothing of them: that they were sent is seen in the bytes. */
  @Test
  void informationalResponsesArriveAndOkHttpPassesOverThem() throws Exception {
    try (SocketConnection connection = Setup.client(server).build().connect()) {
      String hints = raw(connection, "GET /hints HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      int early = hints.indexOf("HTTP/1.1 103 ");
      int processing = hints.indexOf("HTTP/1.1 102 ");
      int last = hints.indexOf("HTTP/1.1 200 ");
      assertTrue(early == 0 && early < processing && processing < last, hints);
      assertTrue(hints.indexOf("Link: </style.css>; rel=preload") < processing, hints);
      OkHttpClient http = Setup.http(connection);
      for (int i = 0; i < 2; i++) {
        assertEquals("HTTP/1.1 300000", text(http, post("/hints")));
      }
    }
  }

  private static String raw(SocketConnection connection, String request) throws IOException {
    try (Socket socket = connection.socketFactory().createSocket("pets.test", 80)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }
  }
}
