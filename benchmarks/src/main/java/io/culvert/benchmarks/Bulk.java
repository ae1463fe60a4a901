package io.culvert.benchmarks;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketAcceptorFactory;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Messages of 64 KiB one way over a WebSocket, two at a time with the library: as a connection
 * sends them.
 */
final class Bulk implements Measurement {
  private static final int MESSAGE = 64 << 10;
  private static final int OUTSTANDING = 2;
  private static final Duration TIMEOUT = Duration.ofSeconds(10);

  private final WebSocketAcceptor acceptor;
  private final Counter receiver = new Counter();
  private final WebSocket sender;

  /**
   * @param up whether the dialer sends
   */
  Bulk(WebSocketDialer dialer, WebSocketAcceptorFactory library, boolean up) throws Exception {
    acceptor =
        library.acceptor(
            new ListenRequest(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new WebSocketAcceptor.Limits(MESSAGE, TIMEOUT),
                null,
                "bulk"));
    Counter other = new Counter();
    acceptor.start(request -> new Upgrade.Accept(null, up ? receiver : other));
    WebSocket dialed =
        dialer.dial(
            new DialRequest(
                URI.create("ws://127.0.0.1:" + acceptor.address().getPort()),
                Map.of(),
                null,
                TIMEOUT,
                null,
                Proxy.NO_PROXY,
                null,
                MESSAGE),
            up ? other : receiver);
    sender = up ? dialed : other.opened.get(TIMEOUT.toSeconds(), TimeUnit.SECONDS);
  }

  @Override
  public String unit() {
    return "MB/s";
  }

  @Override
  public double perSecond(Duration duration) throws Exception {
    Semaphore outstanding = new Semaphore(OUTSTANDING);
    ByteBuffer[] messages = new ByteBuffer[OUTSTANDING];
    for (int i = 0; i < OUTSTANDING; i++) {
      messages[i] = ByteBuffer.allocate(MESSAGE);
    }
    CompletableFuture<Void> failed = new CompletableFuture<>();
    long before = receiver.bytes.get();
    long start = System.nanoTime();
    for (int i = 0; System.nanoTime() - start < duration.toNanos(); i++) {
      if (!outstanding.tryAcquire(TIMEOUT.toSeconds(), TimeUnit.SECONDS) || failed.isDone()) {
        throw new IllegalStateException("the sender has stalled or failed: " + failed);
      }
      sender.send(
          messages[i % OUTSTANDING].duplicate(),
          failure -> {
            if (failure != null) {
              failed.completeExceptionally(failure);
            }
            outstanding.release();
          });
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    return (receiver.bytes.get() - before) / 1e6 / seconds;
  }

  @Override
  public void close() {
    sender.abort();
    acceptor.close();
  }

  private static final class Counter implements WebSocketListener {
    final AtomicLong bytes = new AtomicLong();
    final CompletableFuture<WebSocket> opened = new CompletableFuture<>();

    @Override
    public void onOpen(WebSocket webSocket) {
      opened.complete(webSocket);
    }

    @Override
    public void onBinary(ByteBuffer message) {
      bytes.addAndGet(message.remaining());
    }

    @Override
    public void onText(ByteBuffer message) {}

    @Override
    public void onClose(int code, String reason) {}
  }
}
