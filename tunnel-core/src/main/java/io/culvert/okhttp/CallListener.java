package io.culvert.okhttp;

import java.net.Socket;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import okhttp3.Call;
import okhttp3.Connection;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.Protocol;
import okhttp3.Response;

/**
 * Watches one call for what a socket cannot see: which scheme the URL has (a redirect may change
 * it, and no interceptor sees a redirect before it is followed), where an exchange begins on a
 * pooled socket and which timeouts it has, whether it was answered, and that the call was
 * cancelled.
 *
 * <p>OkHttp calls it on the call's thread, except {@link #canceled}; {@link #attributes} is read by
 * the thread that connects, after the route was planned.
 */
final class CallListener extends EventListener {
  /** Null if OkHttp keeps them. */
  private final CallTimeouts timeouts;

  private final Consumer<Boolean> released;
  private final Delivery delivery = new Delivery();
  private final CountDownLatch cancelled = new CountDownLatch(1);

  private volatile boolean https;

  private boolean givenUp;

  /** The socket that the call holds now, null when it holds none or one that encrypts. */
  private StreamSocket socket;

  /** Whether other calls use the socket at the same time. */
  private boolean shared;

  /**
   * @param timeouts what the stream is to keep, null for nothing
   * @param onRelease run when the call has given its socket back to the pool, with whether that
   *     socket's connection is draining
   */
  CallListener(HttpUrl url, CallTimeouts timeouts, Consumer<Boolean> onRelease) {
    https = url.isHttps();
    this.timeouts = timeouts;
    released = onRelease;
  }

  Map<String, String> attributes() {
    return Map.of("scheme", https ? "https" : "http");
  }

  /** What became of the call's request. */
  Delivery delivery() {
    return delivery;
  }

  /**
   * Waits, but not longer than the call is wanted.
   *
   * @return whether it was cancelled, before or meanwhile
   */
  boolean awaitCancelled(long nanos) throws InterruptedException {
    return cancelled.await(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void canceled(Call call) {
    cancelled.countDown();
  }

  @Override
  public void proxySelectStart(Call call, HttpUrl url) {
    https = url.isHttps();
  }

  @Override
  public void connectionAcquired(Call call, Connection connection) {
    shared = connection.protocol() != Protocol.HTTP_1_1;
    socket = streamOf(connection.socket());
  }

  @Override
  public void connectionReleased(Call call, Connection connection) {
    socket = null;
    StreamSocket idle = streamOf(connection.socket());
    released.accept(idle != null && idle.draining());
  }

  @Override
  public void requestHeadersStart(Call call) {
    if (socket != null && !shared) {
      socket.beginExchange(timeouts);
    }
    delivery.begin(socket == null ? null : socket.opened(), !shared);
  }

  @Override
  public void responseHeadersEnd(Call call, Response response) {
    delivery.answer();
  }

  /** The response will not be read to its end. */
  void givenUp() {
    givenUp = true;
  }

  /** OkHttp calls it for a body that is closed early as well. */
  @Override
  public void responseBodyEnd(Call call, long byteCount) {
    if (socket != null && !shared && !givenUp) {
      socket.endExchange();
    }
  }

  /** Null for a socket that encrypts: its bytes are not those of the exchange. */
  private static StreamSocket streamOf(Socket socket) {
    if (socket instanceof ClearSslSocket clear) {
      return streamOf(clear.raw());
    }
    return socket instanceof StreamSocket stream ? stream : null;
  }
}
