package io.culvert.websocket.jetty;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.client.CoreClientUpgradeRequest;

/** One dial, on the threads of its client. */
final class Dial implements JettyWebSocket.Owner, Response.Listener, SslHandshakeListener {
  private final DialRequest request;
  private final WebSocketListener listener;
  private final DialClient client;
  private final DialFailures failures;
  private final CompletableFuture<WebSocket> result = new CompletableFuture<>();

  /** Won once: by the WebSocket when it opens, by a failure, or by the caller when it gives up. */
  private final AtomicBoolean decided = new AtomicBoolean();

  /** Why TLS failed; null if it did not. */
  private volatile Throwable noTls;

  /** The upgrade request was sent. */
  private volatile boolean asked;

  Dial(DialRequest request, WebSocketListener listener, String threadPrefix) throws IOException {
    this.request = request;
    this.listener = listener;
    this.client = new DialClient(request, threadPrefix);
    this.failures = new DialFailures(request);
    client.client().getHttpClient().addBean(this); // as a listener
  }

  /** Dials and waits. */
  WebSocket run() throws IOException {
    client.start();
    send();
    try {
      return result.get(request.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      String doing = asked ? "waiting for the answer to the upgrade" : "connecting";
      return giveUp(
          new SocketTimeoutException(
              "not connected to "
                  + failures.target()
                  + " within "
                  + request.timeout().toMillis()
                  + " ms, while "
                  + doing));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return giveUp(new InterruptedIOException("interrupted while dialing"));
    } catch (ExecutionException e) {
      throw (IOException) e.getCause();
    }
  }

  private void send() {
    JettyWebSocket webSocket =
        new JettyWebSocket(listener, request.maxMessageBytes(), client.timer(), this);
    try {
      CoreClientUpgradeRequest upgrade =
          CoreClientUpgradeRequest.from(client.client(), request.uri(), webSocket);
      Configuration.ConfigurationCustomizer session = new Configuration.ConfigurationCustomizer();
      JettyWebSocket.configure(session);
      upgrade.setConfiguration(session);
      upgrade.headers(this::addHeaders);
      upgrade.listener(new Asked());
      upgrade.send(this);
    } catch (RuntimeException e) {
      fail(e);
    }
  }

  private void addHeaders(HttpFields.Mutable headers) {
    request.headers().forEach(headers::put);
    // The library's affair, as are the other headers of the handshake, which it replaces.
    headers.remove(EnumSet.of(HttpHeader.HOST, HttpHeader.SEC_WEBSOCKET_EXTENSIONS));
    if (request.subprotocol() == null) {
      headers.remove(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL);
    } else {
      headers.put(HttpHeader.SEC_WEBSOCKET_SUBPROTOCOL, request.subprotocol());
    }
  }

  private final class Asked implements Request.Listener {
    @Override
    public void onCommit(Request upgrade) {
      asked = true;
    }
  }

  /** An answer that is no 101: those {@link AnswerCheck} has seen before. */
  @Override
  public void onHeaders(Response answer) {
    if (!HttpStatus.isInformational(answer.getStatus())) {
      fail(UpgradeException.refused(failures.target(), answer.getStatus()));
    }
  }

  /** Not called when the upgrade has succeeded. */
  @Override
  public void onComplete(Result outcome) {
    if (outcome.isFailed()) {
      // The socket is closed then, and either may be reported first.
      fail(noTls == null ? outcome.getFailure() : noTls);
    }
  }

  @Override
  public void handshakeFailed(Event event, Throwable failure) {
    noTls = failure;
  }

  private void fail(Throwable reason) {
    if (decided.compareAndSet(false, true)) {
      result.completeExceptionally(failures.explain(reason));
    }
    client.end();
  }

  @Override
  public boolean opening(JettyWebSocket webSocket) {
    return decided.compareAndSet(false, true);
  }

  @Override
  public void opened(JettyWebSocket webSocket) {
    result.complete(webSocket);
  }

  @Override
  public void ended(JettyWebSocket webSocket) {
    client.end();
  }

  private WebSocket giveUp(IOException reason) throws IOException {
    if (decided.compareAndSet(false, true)) {
      client.end();
      throw reason;
    }
    // It was decided in this moment, and onOpen may still be running: wait for what it became.
    try {
      return result.join();
    } catch (CompletionException e) {
      throw (IOException) e.getCause();
    }
  }
}
