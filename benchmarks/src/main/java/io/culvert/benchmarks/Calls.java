package io.culvert.benchmarks;

import io.culvert.SocketConnection;
import io.culvert.client.TunnelClient;
import io.culvert.server.TunnelServer;
import io.culvert.websocket.WebSocketAcceptorFactory;
import io.culvert.websocket.WebSocketDialer;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** Calls that the dialer makes and the acceptor answers with 100 bytes of JSON. */
final class Calls implements Measurement {
  private static final byte[] BODY =
      ("{\"pet\":\"" + "x".repeat(90) + "\"}").getBytes(StandardCharsets.US_ASCII);

  private final int callers;
  private final ExecutorService threads;
  private final TunnelServer server;
  private final SocketConnection connection;
  private final OkHttpClient http;

  Calls(WebSocketDialer dialer, WebSocketAcceptorFactory library, int callers) throws Exception {
    this.callers = callers;
    threads = Executors.newFixedThreadPool(callers);
    server =
        TunnelServer.builder()
            .webSocket(library)
            .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .build()
            .start();
    HttpServlet servlet = new Answer();
    server.onConnection(arrived -> arrived.serve(servlet));
    connection =
        TunnelClient.builder("ws://127.0.0.1:" + server.address().getPort())
            .webSocket(dialer)
            .build()
            .connect();
    http = new OkHttpClient.Builder().addInterceptor(connection).build();
  }

  @Override
  public String unit() {
    return "calls/s";
  }

  @Override
  public double perSecond(Duration duration) throws Exception {
    long start = System.nanoTime();
    List<Future<Integer>> counts = new ArrayList<>();
    for (int i = 0; i < callers; i++) {
      counts.add(threads.submit(() -> callUntil(start + duration.toNanos())));
    }
    long calls = 0;
    for (Future<Integer> count : counts) {
      calls += count.get();
    }
    return calls / ((System.nanoTime() - start) / 1e9);
  }

  private int callUntil(long end) throws IOException {
    Request request = new Request.Builder().url("http://pets/1").build();
    int calls = 0;
    while (System.nanoTime() - end < 0) {
      try (Response response = http.newCall(request).execute()) {
        if (response.body().bytes().length != BODY.length) {
          throw new IOException("expected " + BODY.length + " bytes, but got " + response);
        }
      }
      calls++;
    }
    return calls;
  }

  @Override
  public void close() {
    connection.close();
    server.close();
    threads.shutdown();
  }

  private static final class Answer extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
        throws IOException {
      response.setContentType("application/json");
      response.setContentLength(BODY.length);
      response.getOutputStream().write(BODY);
    }
  }
}
