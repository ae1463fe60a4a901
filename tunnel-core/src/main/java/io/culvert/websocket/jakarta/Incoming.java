package io.culvert.websocket.jakarta;

import jakarta.websocket.CloseReason;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.PongMessage;
import jakarta.websocket.Session;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * What the container calls: makes whole messages of parts. Not left to the container, because it
 * would keep a buffer of the greatest size for each WebSocket, and drops the socket of a message
 * that is too long together with the close frame that says so (Tomcat 11).
 */
final class Incoming extends Endpoint {
  private final JakartaWebSocket webSocket;

  /** The parts so far of a message; null between messages. Container's thread only. */
  private ByteArrayOutputStream parts;

  Incoming(JakartaWebSocket webSocket) {
    this.webSocket = webSocket;
  }

  @Override
  public void onOpen(Session session, EndpointConfig config) {
    MessageHandler.Partial<ByteBuffer> binary = (part, last) -> onPart(false, part, last);
    MessageHandler.Partial<String> text =
        (part, last) -> onPart(true, ByteBuffer.wrap(part.getBytes(StandardCharsets.UTF_8)), last);
    MessageHandler.Whole<PongMessage> pong =
        message -> webSocket.pong(copy(message.getApplicationData()));
    session.addMessageHandler(ByteBuffer.class, binary);
    session.addMessageHandler(String.class, text);
    session.addMessageHandler(PongMessage.class, pong);
    webSocket.open(session);
  }

  private void onPart(boolean text, ByteBuffer part, boolean last) {
    if (!webSocket.awaitReading()) {
      return;
    }
    int room = webSocket.maxMessageBytes() - (parts == null ? 0 : parts.size());
    if (part.remaining() > room) {
      parts = null;
      webSocket.fail(
          CloseReason.CloseCodes.TOO_BIG.getCode(),
          "expected at most " + webSocket.maxMessageBytes() + " bytes in a message");
    } else if (last && parts == null) {
      webSocket.message(text, copy(part));
    } else {
      add(part);
      if (last) {
        ByteBuffer message = ByteBuffer.wrap(parts.toByteArray());
        parts = null;
        webSocket.message(text, message);
      }
    }
  }

  private void add(ByteBuffer part) {
    if (parts == null) {
      parts = new ByteArrayOutputStream();
    }
    parts.writeBytes(copy(part).array());
  }

  /** The container uses its buffers again. */
  static ByteBuffer copy(ByteBuffer bytes) {
    return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
  }

  @Override
  public void onClose(Session session, CloseReason reason) {
    webSocket.end(reason.getCloseCode().getCode(), reason.getReasonPhrase());
  }

  @Override
  public void onError(Session session, Throwable cause) {
    webSocket.containerFailed(cause);
  }
}
