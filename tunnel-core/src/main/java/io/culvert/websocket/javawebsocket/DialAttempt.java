package io.culvert.websocket.javawebsocket;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.HandshakeImpl1Client;
import org.java_websocket.handshake.ServerHandshake;

/**
 * One dial. Everything happens on the loop's own thread, connecting included, so that the caller
 * can stop waiting at any time: a name lookup, for one, cannot be interrupted.
 */
final class DialAttempt implements Wire.Phase {
  /** Content type 21 and the major version, RFC 8446 section 5.1. */
  private static final String TLS_ALERT = "\u0015\u0003";

  private final IoLoop loop;
  private final DialRequest request;
  private final WebSocketListener listener;
  private final Codec codec;
  private final CompletableFuture<WebSocket> result = new CompletableFuture<>();

  /** Won once: by the loop when the WebSocket opens, or by the caller when it gives up. */
  private final AtomicBoolean decided = new AtomicBoolean();

  /** Where the connecting socket is kept for a caller that gives up. */
  private final DialSocket socket;

  /** Null until the socket is connected; written on the loop thread. */
  private volatile Wire wire;

  // Loop thread only.
  private final HttpHead head = new HttpHead();
  private ClientHandshake handshake;

  DialAttempt(IoLoop loop, DialRequest request, WebSocketListener listener) {
    this.loop = loop;
    this.request = request;
    this.listener = listener;
    this.codec = new Codec(Role.CLIENT, request.maxMessageBytes(), request.subprotocol());
    this.socket = new DialSocket(request);
  }

  /** Dials and waits. */
  WebSocket run() throws IOException {
    loop.execute(this::connect);
    loop.start();
    try {
      return result.get(request.timeout().toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return giveUp(
          new SocketTimeoutException(
              "not connected to "
                  + target()
                  + " within "
                  + request.timeout().toMillis()
                  + " ms, while "
                  + doing()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return giveUp(new InterruptedIOException("interrupted while dialing"));
    } catch (ExecutionException e) {
      throw unwrap(e.getCause());
    }
  }

  private String doing() {
    return wire == null ? "connecting" : "waiting for the answer to the upgrade";
  }

  private WebSocket giveUp(IOException reason) throws IOException {
    if (decided.compareAndSet(false, true)) {
      socket.close();
      loop.stop();
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

  private void fail(Throwable reason) {
    if (decided.compareAndSet(false, true)) {
      result.completeExceptionally(reason);
    }
    socket.close();
    loop.stop();
  }

  private void connect() {
    try {
      SocketChannel channel = socket.connect();
      wire = new Wire(loop, channel, loop::stop);
      wire.start(engine(), this);
      sendUpgrade();
    } catch (IOException | InvalidHandshakeException | RuntimeException e) {
      fail(e);
    }
  }

  private SSLEngine engine() throws IOException {
    if (!request.secure()) {
      return null;
    }
    try {
      SSLContext context =
          request.sslContext() == null ? SSLContext.getDefault() : request.sslContext();
      SSLEngine engine =
          context.createSSLEngine(DialSocket.host(request), DialSocket.port(request));
      engine.setUseClientMode(true);
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      engine.setSSLParameters(parameters);
      return engine;
    } catch (NoSuchAlgorithmException e) {
      throw new IOException("the JVM has no default TLS context", e);
    }
  }

  private void sendUpgrade() throws InvalidHandshakeException {
    HandshakeImpl1Client builder = new HandshakeImpl1Client();
    String path = request.uri().getRawPath();
    String query = request.uri().getRawQuery();
    builder.setResourceDescriptor(
        (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query));
    request.headers().forEach(builder::put);
    int port = request.uri().getPort();
    builder.put("Host", request.uri().getHost() + (port < 0 ? "" : ":" + port));
    handshake = (ClientHandshake) codec.postProcessHandshakeRequestAsClient(builder);
    for (ByteBuffer part : codec.createHandshake(handshake)) {
      wire.outbound().send(part, null);
    }
  }

  @Override
  public void onBytes(ByteBuffer bytes) {
    try {
      boolean complete = head.add(bytes);
      if (!head.canStartWith("HTTP/1.") || (complete && head.status() == 0)) {
        throw new UpgradeException(
            0,
            "expected an HTTP/1.1 answer to the WebSocket upgrade, but got "
                + (!request.secure() && head.canStartWith(TLS_ALERT)
                    ? "a TLS alert: dial wss:// instead of ws://"
                    : "something else"));
      }
      if (complete) {
        onAnswer(bytes);
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  private void onAnswer(ByteBuffer rest) throws UpgradeException {
    int status = head.status();
    if (status != 101) {
      throw UpgradeException.refused(target(), status);
    }
    String wrong;
    try {
      ServerHandshake answer = (ServerHandshake) codec.translateHandshake(head.toBuffer());
      wrong = codec.whyWrong(handshake, answer, request.subprotocol());
    } catch (InvalidHandshakeException e) {
      wrong = "its answer's headers are malformed";
    }
    if (wrong != null) {
      throw new UpgradeException(status, "the peer answered 101, but " + wrong);
    }
    open(rest);
  }

  private String target() {
    return request.uri().getHost() + ":" + DialSocket.port(request);
  }

  private void open(ByteBuffer rest) {
    if (!decided.compareAndSet(false, true)) {
      return;
    }
    JavaWebSocket webSocket =
        new JavaWebSocket(wire, codec, request.subprotocol(), listener, request.maxMessageBytes());
    webSocket.open();
    result.complete(webSocket);
    if (rest.hasRemaining()) {
      webSocket.onBytes(rest);
    }
  }

  @Override
  public void onLastWritten() {}

  @Override
  public void onEnd(IOException reason) {
    fail(explained(reason));
  }

  private IOException explained(IOException reason) {
    if (reason instanceof EOFException) {
      return new EOFException(target() + " closed the socket before it answered the upgrade");
    }
    if (reason instanceof SSLException) {
      String hint =
          reason.getCause() instanceof CertificateException
              ? "; check which authorities this side trusts, and the host name in the URL"
              : "; check that the server speaks TLS at this port";
      return new SSLException(
          "TLS with " + target() + " failed: " + reason.getMessage() + hint, reason);
    }
    return reason;
  }
}
