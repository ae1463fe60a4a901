package io.culvert.server;

import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.nio.ByteBuffer;

/** Counts a socket as long as it is open, and passes everything on. */
final class MembershipListener implements WebSocketListener {
  private final WebSocketListener listener;
  private final Connections.Member member;

  MembershipListener(WebSocketListener listener, Connections.Member member) {
    this.listener = listener;
    this.member = member;
  }

  @Override
  public void onOpen(WebSocket webSocket) {
    member.opened();
    listener.onOpen(webSocket);
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
    member.closed();
    listener.onClose(code, reason);
  }
}
