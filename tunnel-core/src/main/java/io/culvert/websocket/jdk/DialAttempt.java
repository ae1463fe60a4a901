package io.culvert.websocket.jdk;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/** One dial. */
final class DialAttempt {
  private final ClientThreads threads;
  private final DialRequest request;
  private final WebSocketListener listener;
  private final DialFailures failures;
  private final CompletableFuture<WebSocket> result = new CompletableFuture<>();

  /** Won once: when the JDK has an outcome, or by the caller when it gives up. */
  private final AtomicBoolean decided = new AtomicBoolean();

  DialAttempt(ClientThreads threads, DialRequest request, WebSocketListener listener) {
    this.threads = threads;
    this.request = request;
    this.listener = listener;
    this.failures = new DialFailures(request);
  }

  /** Dials and waits. */
  WebSocket run() throws IOException {
    HttpClient client = client();
    JdkWebSocket webSocket = new JdkWebSocket(request, listener, threads, client);
    CompletableFuture<java.net.http.WebSocket> dialing = dial(client, webSocket);
    CompletableFuture<?> unused =
        dialing.whenCompleteAsync(
            (opened, failure) -> decide(client, webSocket, opened, failure), threads::aside);
    try {
      return result.get(request.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return giveUp(client, dialing, failures.timeout());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return giveUp(client, dialing, new InterruptedIOException("interrupted while dialing"));
    } catch (ExecutionException e) {
      throw failures.of(e.getCause());
    }
  }

  private HttpClient client() throws IOException {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .executor(threads)
            .cookieHandler(new UpgradeHook(threads::stopUntilDialed))
            .proxy(
                request.proxy().type() == Proxy.Type.DIRECT
                    ? HttpClient.Builder.NO_PROXY
                    : ProxySelector.of((InetSocketAddress) request.proxy().address()));
    if (request.sslContext() != null) {
      builder.sslContext(request.sslContext());
    }
    try {
      return builder.build();
    } catch (UncheckedIOException e) {
      throw new IOException("cannot make an HttpClient: " + e.getCause().getMessage(), e);
    }
  }

  private CompletableFuture<java.net.http.WebSocket> dial(
      HttpClient client, JdkWebSocket webSocket) {
    java.net.http.WebSocket.Builder builder =
        client.newWebSocketBuilder().connectTimeout(request.timeout());
    request.headers().forEach(builder::header);
    if (request.proxyAuthorization() != null) {
      builder.header(RequestChecks.PROXY_AUTHORIZATION, request.proxyAuthorization());
    }
    if (request.subprotocol() != null) {
      builder.subprotocols(request.subprotocol());
    }
    try {
      return builder.buildAsync(request.uri(), webSocket.incoming());
    } catch (RuntimeException | Error e) {
      threads.end(client);
      throw e;
    }
  }

  private void decide(
      HttpClient client,
      JdkWebSocket webSocket,
      java.net.http.WebSocket opened,
      Throwable failure) {
    threads.dialed();
    boolean first = decided.compareAndSet(false, true);
    UpgradeException wrong = opened == null ? null : failures.wrongSubprotocol(opened);
    if (first && failure == null && wrong == null) {
      webSocket.open();
      result.complete(webSocket);
      return;
    }
    if (opened != null) {
      opened.abort();
    }
    threads.end(client);
    if (first) {
      result.completeExceptionally(failure == null ? wrong : failure);
    }
  }

  private WebSocket giveUp(
      HttpClient client, CompletableFuture<java.net.http.WebSocket> dialing, IOException reason)
      throws IOException {
    if (decided.compareAndSet(false, true)) {
      dialing.cancel(true);
      threads.end(client);
      throw reason;
    }
    // It was decided in this moment, and onOpen may still be running: wait for what it became.
    try {
      return result.join();
    } catch (CompletionException e) {
      throw failures.of(e.getCause());
    }
  }
}
