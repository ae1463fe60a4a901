package io.culvert.testkit;

import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.net.SocketAddress;
import java.nio.ByteBuffer;

/** A WebSocket whose owner's commands a test sees, and whose close it can make abrupt. */
final class SpyWebSocket implements WebSocket {
  private final WebSocket real;

  volatile boolean paused;

  /** The socket is gone at once when this side closes, as that of a peer which echoes nothing. */
  volatile boolean dropsOnClose;

  private SpyWebSocket(WebSocket real) {
    this.real = real;
  }

  /** Gives the listener its WebSocket inside a spy. */
  static final class On implements WebSocketListener {
    private final WebSocketListener listener;
    volatile SpyWebSocket spy;

    On(WebSocketListener listener) {
      this.listener = listener;
    }

    @Override
    public void onOpen(WebSocket webSocket) {
      spy = new SpyWebSocket(webSocket);
      listener.onOpen(spy);
    }

    @Override
    public void onBinary(ByteBuffer message) {
      listener.onBinary(message);
    }

    @Override
    public void onText(ByteBuffer message) {
      listener.onText(message);
    }

    @Override
    public void onPong(ByteBuffer data) {
      listener.onPong(data);
    }

    @Override
    public void onClose(int code, String reason) {
      listener.onClose(code, reason);
    }
  }

  MemoryWebSocket real() {
    return (MemoryWebSocket) real;
  }

  @Override
  public void send(ByteBuffer message, Completion completion) {
    real.send(message, completion);
  }

  @Override
  public void sendText(ByteBuffer message, Completion completion) {
    real.sendText(message, completion);
  }

  @Override
  public void ping(ByteBuffer data) {
    real.ping(data);
  }

  @Override
  public void pause() {
    paused = true;
    real.pause();
  }

  @Override
  public void resume() {
    paused = false;
    real.resume();
  }

  @Override
  public void close(int code, String reason) {
    if (dropsOnClose) {
      real.abort();
    } else {
      real.close(code, reason);
    }
  }

  @Override
  public void abort() {
    real.abort();
  }

  @Override
  public String subprotocol() {
    return real.subprotocol();
  }

  @Override
  public SocketAddress remoteAddress() {
    return real.remoteAddress();
  }

  @Override
  public SocketAddress localAddress() {
    return real.localAddress();
  }

  @Override
  public boolean secure() {
    return real.secure();
  }

  @Override
  public Object underlying() {
    return real.underlying();
  }
}
