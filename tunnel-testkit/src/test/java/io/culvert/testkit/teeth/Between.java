package io.culvert.testkit.teeth;

import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * Stands between one WebSocket of an adapter and its owner, and passes everything on. What breaks a
 * rule overrides a method.
 */
class Between implements WebSocket, WebSocketListener {
  /** Set before everything else. */
  private WebSocketListener owner;

  /** Set before {@link #onOpen} is passed on. */
  private volatile WebSocket adapter;

  final Between to(WebSocketListener listener) {
    owner = listener;
    return this;
  }

  final WebSocketListener owner() {
    return owner;
  }

  final WebSocket adapter() {
    return adapter;
  }

  /** Both kinds of messages to the peer. */
  void send(boolean text, ByteBuffer message, Completion completion) {
    if (text) {
      adapter.sendText(message, completion);
    } else {
      adapter.send(message, completion);
    }
  }

  /** Both kinds of messages from the peer. */
  void received(boolean text, ByteBuffer message) {
    if (text) {
      owner.onText(message);
    } else {
      owner.onBinary(message);
    }
  }

  @Override
  public final void send(ByteBuffer message, Completion completion) {
    send(false, message, completion);
  }

  @Override
  public final void sendText(ByteBuffer message, Completion completion) {
    send(true, message, completion);
  }

  @Override
  public void ping(ByteBuffer data) {
    adapter.ping(data);
  }

  @Override
  public void pause() {
    adapter.pause();
  }

  @Override
  public void resume() {
    adapter.resume();
  }

  @Override
  public void close(int code, String reason) {
    adapter.close(code, reason);
  }

  @Override
  public void abort() {
    adapter.abort();
  }

  @Override
  public String subprotocol() {
    return adapter.subprotocol();
  }

  @Override
  public SocketAddress remoteAddress() {
    return adapter.remoteAddress();
  }

  @Override
  public SocketAddress localAddress() {
    return adapter.localAddress();
  }

  @Override
  public boolean secure() {
    return adapter.secure();
  }

  @Override
  public Object underlying() {
    return adapter.underlying();
  }

  @Override
  public final void onOpen(WebSocket webSocket) {
    adapter = webSocket;
    opened();
  }

  /** Tells the owner of this WebSocket. */
  void opened() {
    owner.onOpen(this);
  }

  @Override
  public final void onBinary(ByteBuffer message) {
    received(false, message);
  }

  @Override
  public final void onText(ByteBuffer message) {
    received(true, message);
  }

  @Override
  public void onPong(ByteBuffer data) {
    owner.onPong(data);
  }

  @Override
  public void onClose(int code, String reason) {
    owner.onClose(code, reason);
  }
}
