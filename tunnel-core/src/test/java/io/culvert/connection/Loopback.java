package io.culvert.connection;

import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** One direction of a WebSocket: what is sent has arrived at once, on the sender's thread. */
class Loopback implements WebSocket {
  private static final SocketAddress HERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

  private final Supplier<WebSocketListener> far;

  /**
   * Sends to whoever is the far side at that time.
   *
   * @param far asked with every message
   */
  Loopback(Supplier<WebSocketListener> far) {
    this.far = far;
  }

  @Override
  public void send(ByteBuffer message, Completion completion) {
    byte[] copy = new byte[message.remaining()];
    message.get(copy);
    completion.written(null);
    far.get().onBinary(ByteBuffer.wrap(copy));
  }

  @Override
  public void sendText(ByteBuffer message, Completion completion) {
    throw new UnsupportedOperationException("the connection sends binary messages only");
  }

  @Override
  public void ping(ByteBuffer data) {}

  @Override
  public void pause() {}

  @Override
  public void resume() {}

  @Override
  public void close(int code, String reason) {}

  @Override
  public void abort() {}

  @Override
  public String subprotocol() {
    return null;
  }

  @Override
  public SocketAddress remoteAddress() {
    return HERE;
  }

  @Override
  public SocketAddress localAddress() {
    return HERE;
  }

  @Override
  public boolean secure() {
    return false;
  }

  @Override
  public Object underlying() {
    return null;
  }
}
