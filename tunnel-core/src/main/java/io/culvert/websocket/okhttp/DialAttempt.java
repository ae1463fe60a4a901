package io.culvert.websocket.okhttp;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolException;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okio.ByteString;

/** One dial, and what OkHttp tells of the WebSocket that it becomes. */
final class DialAttempt extends okhttp3.WebSocketListener {
  private final DialRequest request;
  private final WebSocketListener listener;
  private final UpgradeInterceptor interceptor;
  private final CompletableFuture<WebSocket> result = new CompletableFuture<>();

  /** Won once: by OkHttp's reader when the WebSocket opens, or by the caller when it gives up. */
  private final AtomicBoolean decided = new AtomicBoolean();

  /** Made by the latest good answer; the reader's own until {@link #opened}. */
  private OkHttpWebSocket upgraded;

  /** Null until the WebSocket is open. */
  private volatile OkHttpWebSocket opened;

  DialAttempt(DialRequest request, WebSocketListener listener) {
    this.request = request;
    this.listener = listener;
    this.interceptor = new UpgradeInterceptor(request, this::between);
  }

  private okio.Socket between(okio.Socket socket) {
    Socket connected = interceptor.socket();
    // The JDK's socket would name the target, which only the proxy is connected to.
    SocketAddress remote =
        request.proxy().type() == Proxy.Type.SOCKS
            ? request.proxy().address()
            : connected.getRemoteSocketAddress();
    upgraded =
        new OkHttpWebSocket(socket, request, connected.getLocalSocketAddress(), remote, listener);
    return upgraded;
  }

  /** Dials and waits. */
  WebSocket run(OkHttpClient.Builder client) throws IOException {
    okhttp3.WebSocket dialing =
        client.addInterceptor(interceptor).build().newWebSocket(httpRequest(), this);
    try {
      return result.get(request.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return giveUp(
          dialing,
          new SocketTimeoutException(
              "not connected to "
                  + target()
                  + " within "
                  + request.timeout().toMillis()
                  + " ms, while "
                  + (interceptor.socket() == null
                      ? "connecting"
                      : "waiting for the answer to the upgrade")));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return giveUp(dialing, new InterruptedIOException("interrupted while dialing"));
    } catch (ExecutionException e) {
      throw unwrap(e.getCause());
    }
  }

  private Request httpRequest() {
    Request.Builder builder = new Request.Builder().url(request.uri().toString());
    request.headers().forEach(builder::header);
    if (request.subprotocol() != null) {
      builder.header(UpgradeInterceptor.PROTOCOL, request.subprotocol());
    }
    return builder.build();
  }

  private WebSocket giveUp(okhttp3.WebSocket dialing, IOException reason) throws IOException {
    if (decided.compareAndSet(false, true)) {
      dialing.cancel();
      throw reason;
    }
    // It was decided in this moment, and onOpen may still be running: wait for what it became.
    try {
      return result.join();
    } catch (CompletionException e) {
      throw unwrap(e.getCause());
    }
  }

  private static IOException unwrap(Throwable cause) {
    return cause instanceof IOException io ? io : new IOException("the dial failed", cause);
  }

  @Override
  public void onOpen(okhttp3.WebSocket webSocket, Response response) {
    if (!decided.compareAndSet(false, true)) {
      webSocket.cancel();
      return;
    }
    opened = upgraded;
    opened.open(webSocket);
    result.complete(opened);
  }

  @Override
  public void onMessage(okhttp3.WebSocket webSocket, ByteString bytes) {
    OkHttpWebSocket known = opened;
    if (known != null) {
      known.onMessage(bytes);
    }
  }

  @Override
  public void onClosing(okhttp3.WebSocket webSocket, int code, String reason) {
    OkHttpWebSocket known = opened;
    if (known != null) {
      known.onClosing(code, reason);
    }
  }

  @Override
  public void onClosed(okhttp3.WebSocket webSocket, int code, String reason) {
    OkHttpWebSocket known = opened;
    if (known != null) {
      known.onClosed();
    }
  }

  @Override
  public void onFailure(okhttp3.WebSocket webSocket, Throwable failure, Response response) {
    OkHttpWebSocket known = opened;
    if (known != null) {
      known.onFailure(failure);
    } else if (decided.compareAndSet(false, true)) {
      result.completeExceptionally(explained(failure, response));
    }
  }

  private Throwable explained(Throwable failure, Response answer) {
    if (failure instanceof UpgradeException) {
      return failure;
    }
    UpgradeException refused = null;
    if (answer != null && answer.code() == 101) {
      refused =
          new UpgradeException(101, "the peer answered 101, but wrongly: " + failure.getMessage());
    } else if (answer != null) {
      refused = UpgradeException.refused(target(), answer.code());
    } else if (failure instanceof ProtocolException) {
      String hint = request.secure() ? "" : "; does the server want wss://?";
      refused =
          new UpgradeException(
              0, "expected an HTTP/1.1 answer to the WebSocket upgrade from " + target() + hint);
    }
    return refused == null ? failure : refused.initCause(failure);
  }

  /** Host and port; the rest of the URL may hold secrets. */
  private String target() {
    int port = request.uri().getPort();
    return request.uri().getHost() + ":" + (port >= 0 ? port : request.secure() ? 443 : 80);
  }
}
