package io.culvert.websocket.jdk;

import io.culvert.websocket.ControlFrames;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenerCalls;
import io.culvert.websocket.SendQueue;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A dialed WebSocket. */
final class JdkWebSocket implements WebSocket, Watch.Subject {
  private static final Logger log = LoggerFactory.getLogger(JdkWebSocket.class);

  /** How long the peer may take to answer a close frame, and ours to leave. */
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final DialRequest request;
  private final ClientThreads threads;
  private final HttpClient client;
  private final ListenerCalls calls;
  private final Watch watch;
  private final Incoming incoming;
  private final SendQueue outgoing = new SendQueue(this::write);

  // Both are set once, by attach.
  private volatile java.net.http.WebSocket webSocket;

  private volatile Pings pings;

  /** A close frame is on its way. */
  private volatile boolean closing;

  JdkWebSocket(
      DialRequest request, WebSocketListener listener, ClientThreads threads, HttpClient client) {
    this.request = request;
    this.threads = threads;
    this.client = client;
    this.calls = new ListenerCalls(listener, this::listenerFailed);
    this.watch = new Watch(this);
    this.incoming = new Incoming(this, threads, calls, watch, request.maxMessageBytes());
  }

  static int port(DialRequest request) {
    int port = request.uri().getPort();
    return port >= 0 ? port : request.secure() ? 443 : 80;
  }

  Incoming incoming() {
    return incoming;
  }

  /** Called first. */
  void attach(java.net.http.WebSocket opened) {
    webSocket = opened;
    pings = new Pings(data -> sending(opened.sendPing(data)));
  }

  void open() {
    calls.open(this);
    incoming.start();
  }

  @Override
  public void send(ByteBuffer message, Completion completion) {
    outgoing.add(false, message, completion);
  }

  @Override
  public void sendText(ByteBuffer message, Completion completion) {
    try {
      decode(message);
    } catch (CharacterCodingException e) {
      completion.written(new IOException("java.net.http sends no text that is not UTF-8", e));
      return;
    }
    outgoing.add(true, message, completion);
  }

  private static CharSequence decode(ByteBuffer utf8) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(utf8.duplicate());
  }

  private void write(boolean text, ByteBuffer message, Completion written) {
    try {
      // Decoded once more rather than kept: what waits takes a third of the memory.
      CompletableFuture<?> sent =
          text ? webSocket.sendText(decode(message), true) : webSocket.sendBinary(message, true);
      CompletableFuture<?> unused =
          sending(sent).whenComplete((done, failure) -> written.written(failure));
    } catch (CharacterCodingException e) {
      written.written(e); // the caller has changed the bytes since
    }
  }

  @Override
  public void ping(ByteBuffer data) {
    ControlFrames.checkPing(data);
    pings.ping(data);
  }

  boolean isProbe(ByteBuffer pong) {
    return pings.isProbe(pong);
  }

  @Override
  public void probe() {
    pings.probe();
  }

  @Override
  public void pause() {
    incoming.pause();
  }

  /** For {@link Watch}. */
  @Override
  public boolean paused() {
    return incoming.paused();
  }

  @Override
  public void resume() {
    incoming.resume();
  }

  @Override
  public void close(int code, String reason) {
    ControlFrames.checkClose(code, reason);
    // A lone surrogate becomes a question mark, where the JDK would refuse the whole reason.
    String text = new String(reason.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    if (outgoing.last(() -> sendClose(code, text))) {
      after(
          CLOSE_TIMEOUT,
          () ->
              lost(
                  new IOException(
                      "no answer to the close frame within " + CLOSE_TIMEOUT.toSeconds() + " s")));
    }
  }

  private void sendClose(int code, String reason) {
    closing = true;
    CompletableFuture<?> unused = sending(webSocket.sendClose(CloseCodes.sendable(code), reason));
  }

  /** Everything that is sent comes through here. */
  private <T> CompletableFuture<T> sending(CompletableFuture<T> sent) {
    boolean waits = !sent.isDone();
    if (waits) {
      incoming.sendBegun();
    }
    return sent.whenComplete(
        (done, failure) -> {
          if (waits) {
            incoming.sendEnded();
          }
          // After a close frame nothing can be sent, and CLOSE_TIMEOUT bounds the wait. Otherwise
          // the socket may have ended without the JDK's reporting it.
          if (failure != null && !closing) {
            watch.sendFailed(failure);
          }
        });
  }

  @Override
  public void abort() {
    lost(new IOException("the WebSocket was aborted"));
  }

  @Override
  public String subprotocol() {
    String chosen = webSocket.getSubprotocol();
    return chosen.isEmpty() ? null : chosen;
  }

  @Override
  public SocketAddress remoteAddress() {
    String host = request.uri().getHost();
    boolean ipv6 = host.startsWith("[");
    return InetSocketAddress.createUnresolved(
        ipv6 ? host.substring(1, host.length() - 1) : host, port(request));
  }

  @Override
  public SocketAddress localAddress() {
    return null;
  }

  @Override
  public boolean secure() {
    return request.secure();
  }

  /** The {@link java.net.http.WebSocket}. */
  @Override
  public java.net.http.WebSocket underlying() {
    return webSocket;
  }

  private void listenerFailed(Throwable failure) {
    log.error("a WebSocket listener failed, its WebSocket is closed", failure);
    fail(CloseCodes.INTERNAL_ERROR, "internal error");
  }

  /** Closes because of what the peer sent or of our own failure; its answer is not awaited. */
  void fail(int code, String reason) {
    closing = true;
    incoming.discard();
    ended(code, reason);
    // Read on until the peer has seen it: a socket that is dropped unread may take it along.
    CompletableFuture<?> unused =
        webSocket.sendClose(CloseCodes.sendable(code), ControlFrames.shorten(reason));
    after(CLOSE_TIMEOUT, this::drop);
  }

  /** The peer's close frame has come, or the end of its stream. */
  void onPeerClose(int code, String reason) {
    if (code == CloseCodes.ABNORMAL) {
      ended(code, "the peer closed the socket without a close frame");
      drop();
      return;
    }
    ended(code, reason);
    after(CLOSE_TIMEOUT, this::drop);
    if (closing) {
      threads.afterThis(this::dropWhenAnswered);
    } else {
      answer(code);
    }
  }

  /** The JDK would answer as well, but tells nobody when that has left. */
  private void answer(int code) {
    CompletableFuture<?> unused =
        webSocket
            .sendClose(code == CloseCodes.NONE ? CloseCodes.NORMAL : CloseCodes.sendable(code), "")
            .whenComplete((sent, failure) -> dropSoon());
  }

  /** The selector thread is in the middle of reading: it drops the socket when that is over. */
  private void dropSoon() {
    if (threads.onSelector()) {
      threads.afterThis(this::drop);
    } else {
      drop();
    }
  }

  /** Both close frames are there, ours perhaps in the JDK's queue. */
  private void dropWhenAnswered() {
    // A pong behind it fails when the close frame has left. It fails otherwise when a ping is still
    // being written, and then CLOSE_TIMEOUT has to do.
    CompletableFuture<?> unused =
        webSocket
            .sendPong(ByteBuffer.allocate(0))
            .whenComplete(
                (sent, failure) -> {
                  if (failure instanceof IOException) {
                    drop();
                  }
                });
  }

  void onError(Throwable error) {
    ended(CloseCodes.of(error), describe(error));
    drop();
  }

  @Override
  public void lost(Throwable reason) {
    incoming.discard();
    webSocket.abort();
    ended(CloseCodes.ABNORMAL, describe(reason));
    drop();
  }

  /** Some of the JDK's exceptions say it by their cause or by their type alone. */
  private static String describe(Throwable error) {
    if (error.getMessage() != null) {
      return error.getMessage();
    }
    return error.getCause() == null ? error.toString() : describe(error.getCause());
  }

  /** Tells whoever waits for completions, and the listener; the first end counts. */
  private void ended(int code, String reason) {
    outgoing.end(new IOException("the WebSocket has ended with code " + code + ": " + reason));
    if (threads.onSelector()) {
      calls.close(code, reason);
    } else {
      threads.aside(() -> calls.close(code, reason));
    }
  }

  /** Drops the socket and its threads. Idempotent. */
  private void drop() {
    webSocket.abort();
    threads.end(client);
  }

  @Override
  public void after(Duration delay, Runnable action) {
    CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, threads::aside)
        .execute(action);
  }
}
