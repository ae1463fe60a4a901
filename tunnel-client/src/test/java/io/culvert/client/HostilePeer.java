package io.culvert.client;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.Wire;
import io.culvert.testkit.RecordingListener;
import io.culvert.testkit.ScriptedPeer;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A {@link ScriptedPeer} on a real WebSocket, at most 64 messages ahead of its socket. */
final class HostilePeer implements WebSocketListener, AutoCloseable {
  private static final int AHEAD = 64;

  private final Semaphore ahead = new Semaphore(AHEAD);
  private final ScriptedPeer script = new ScriptedPeer(this::send, RecordingListener.HANG_GUARD);
  private final CompletableFuture<Integer> closeCode = new CompletableFuture<>();
  private final List<byte[]> received = new CopyOnWriteArrayList<>();
  private final WebSocket socket;

  HostilePeer(InetSocketAddress server) throws IOException {
    this(server, Map.of());
  }

  /** With further headers of the upgrade. */
  HostilePeer(InetSocketAddress server, Map<String, String> headers) throws IOException {
    socket =
        new JavaWebSocketDialer()
            .dial(
                new DialRequest(
                    URI.create("ws://127.0.0.1:" + server.getPort()),
                    headers,
                    Wire.SUBPROTOCOL,
                    RecordingListener.HANG_GUARD,
                    null,
                    Proxy.NO_PROXY,
                    null,
                    Wire.MAX_PACKET),
                this);
  }

  ScriptedPeer script() {
    return script;
  }

  WebSocket socket() {
    return socket;
  }

  /** All messages that have come, as they were. */
  List<byte[]> received() {
    return received;
  }

  /** The end that the server has chosen: its last frame, and the WebSocket's close code. */
  void expectClose(ErrorCode code, int webSocketCode) throws Exception {
    Frame.Close close = script.await(Frame.Close.class);
    expect(close.code(), code, webSocketCode);
  }

  /** The same, before the handshake is complete. */
  Frame.Reject expectReject(ErrorCode code, int webSocketCode) throws Exception {
    Frame.Reject reject = script.await(Frame.Reject.class);
    expect(reject.code(), code, webSocketCode);
    return reject;
  }

  private void expect(ErrorCode actual, ErrorCode code, int webSocketCode) throws Exception {
    if (actual != code) {
      throw new AssertionError("expected " + code + " but got " + actual);
    }
    expectWebSocketClose(webSocketCode);
  }

  void expectWebSocketClose(int expected) throws Exception {
    int actual = Setup.result(closeCode);
    if (actual != expected) {
      throw new AssertionError("expected close code " + expected + " but got " + actual);
    }
  }

  boolean closed() {
    return closeCode.isDone();
  }

  private void send(ByteBuffer message) {
    try {
      if (!ahead.tryAcquire(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("the socket takes no more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    socket.send(message, failure -> ahead.release());
  }

  @Override
  public void onOpen(WebSocket webSocket) {}

  @Override
  public void onBinary(ByteBuffer message) {
    byte[] copy = new byte[message.remaining()];
    message.duplicate().get(copy);
    received.add(copy);
    script.received(message);
  }

  @Override
  public void onText(ByteBuffer message) {
    closeCode.completeExceptionally(new AssertionError("the server sent a text message"));
  }

  @Override
  public void onClose(int code, String reason) {
    closeCode.complete(code);
  }

  @Override
  public void close() {
    socket.abort();
  }
}
