package io.culvert.client;

import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.RecordingListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/** What most tests of servers and clients begin with. */
final class Setup {
  private Setup() {}

  /** A port that the system chooses, on loopback only. */
  static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  static TunnelServer.Builder server() {
    return TunnelServer.builder().address(loopback());
  }

  /** A client for the server, behind nothing. */
  static TunnelClient.Builder client(TunnelServer server) {
    return client(server.address());
  }

  /** A client for an address. */
  static TunnelClient.Builder client(InetSocketAddress address) {
    return TunnelClient.builder("ws://127.0.0.1:" + address.getPort());
  }

  /** Reconnects at once, so that a test need not wait. */
  static ReconnectPolicy eager() {
    return new ReconnectPolicy(
        Duration.ofMillis(10), Duration.ofMillis(10), Duration.ofMillis(50), Duration.ZERO);
  }

  static OkHttpClient http(SocketConnection connection) {
    return new OkHttpClient.Builder()
        .addInterceptor(connection)
        .connectTimeout(RecordingListener.HANG_GUARD)
        .readTimeout(RecordingListener.HANG_GUARD)
        .build();
  }

  /** The body of a response that must be 200. */
  static String get(SocketConnection connection) throws IOException {
    return get(http(connection));
  }

  static String get(OkHttpClient http) throws IOException {
    try (Response response = http.newCall(request()).execute()) {
      if (response.code() != 200) {
        throw new AssertionError("expected 200 but got " + response);
      }
      return response.body().string();
    }
  }

  static Request request() {
    return new Request.Builder().url("http://pets/").build();
  }

  /** Runs something that blocks, on a thread of its own. */
  static <T> CompletableFuture<T> async(Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                result.complete(task.call());
              } catch (Throwable e) {
                result.completeExceptionally(e);
              }
            },
            "test-async");
    thread.setDaemon(true);
    thread.start();
    return result;
  }

  static <T> T result(CompletableFuture<T> future) throws Exception {
    return future.get(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
  }

  /** What the task failed with, which must be a lost call that says what became of it. */
  static TunnelException lost(CompletableFuture<?> future, Delivered delivered) throws Exception {
    Throwable failure = failure(future);
    if (failure instanceof TunnelException lost && lost.delivered() == delivered) {
      return lost;
    }
    throw new AssertionError("expected delivered: " + delivered, failure);
  }

  static Throwable failure(CompletableFuture<?> future)
      throws InterruptedException, TimeoutException {
    try {
      Object result = future.get(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
      throw new AssertionError("expected a failure but got " + result);
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  static void await(CountDownLatch latch) throws InterruptedException {
    if (!latch.await(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("waited in vain");
    }
  }
}
