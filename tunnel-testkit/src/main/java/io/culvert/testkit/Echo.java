package io.culvert.testkit;

import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.nio.ByteBuffer;

/** Sends every message back as it came. For one WebSocket. */
public class Echo implements WebSocketListener {
  /** Set before every message. */
  private volatile WebSocket webSocket;

  @Override
  public void onOpen(WebSocket opened) {
    webSocket = opened;
  }

  @Override
  public void onBinary(ByteBuffer message) {
    webSocket.send(message, failure -> {});
  }

  @Override
  public void onText(ByteBuffer message) {
    webSocket.sendText(message, failure -> {});
  }

  @Override
  public void onClose(int code, String reason) {}
}
