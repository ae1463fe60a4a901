package io.culvert.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The other end of a connection that speaks swaggersocket, played by a test message by message. A
 * character is a byte.
 */
final class SwaggerPeer implements WebSocketListener {
  static final String HELLO = "{\"Type\":\"ClientHandshakeMetaData\",\"Meta\":null}\n";
  static final String ACK = "{\"Type\":\"ClientHandshakeAckFrame\"}\n";
  static final String ID = "c56a4180-65aa-42ec-a945-5fd21dec0538";
  static final String GIVEN =
      "{\"Type\":\"ServerHandshakeConnectionID\",\"ConnectionID\":\"" + ID + "\"}\n";

  private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
  final BlockingQueue<String> pongs = new LinkedBlockingQueue<>();

  /** Code and reason. */
  final CompletableFuture<String> closed = new CompletableFuture<>();

  volatile WebSocket socket;

  void send(String message) {
    socket.sendText(ByteBuffer.wrap(message.getBytes(ISO_8859_1)), failure -> {});
  }

  void sendBinary(String message) {
    socket.send(ByteBuffer.wrap(message.getBytes(ISO_8859_1)), failure -> {});
  }

  /** The next message of the other side. */
  String next() throws InterruptedException {
    String message = messages.poll(30, TimeUnit.SECONDS);
    assertNotNull(message, "no message came");
    return message;
  }

  /** How many messages have come and were not taken. */
  int waiting() {
    return messages.size();
  }

  void expect(String message) throws InterruptedException {
    assertEquals(message, next());
  }

  /** Plays a Go client's part of the handshake. */
  void dial() throws InterruptedException {
    send(HELLO);
    next();
    send(ACK);
  }

  /** Plays a Go server's part of the handshake. */
  void accept() throws InterruptedException {
    next();
    send(GIVEN);
    expect(ACK);
  }

  @Override
  public void onOpen(WebSocket webSocket) {
    socket = webSocket;
  }

  @Override
  public void onBinary(ByteBuffer message) {
    messages.add("binary: " + ISO_8859_1.decode(message));
  }

  @Override
  public void onText(ByteBuffer message) {
    messages.add(ISO_8859_1.decode(message).toString());
  }

  @Override
  public void onPong(ByteBuffer data) {
    pongs.add(ISO_8859_1.decode(data).toString());
  }

  @Override
  public void onClose(int code, String reason) {
    closed.complete(code + " " + reason);
  }
}
