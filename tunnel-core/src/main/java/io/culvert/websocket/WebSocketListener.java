package io.culvert.websocket;

import java.nio.ByteBuffer;

/**
 * What a {@link WebSocket} tells its owner.
 *
 * <p>Callbacks of one WebSocket never overlap. The order is {@link #onOpen} once, then messages and
 * pongs as they arrive, then {@link #onClose} once, and nothing after it. A dial that fails calls
 * none of them. Callbacks run on a thread of the library that also serves other work: they must not
 * block. One that throws ends its WebSocket, with code 1011 for the peer, and is logged; nothing
 * but {@link #onClose} comes after it.
 */
public interface WebSocketListener {

  /** The upgrade has succeeded. Exactly once, before every other callback. */
  void onOpen(WebSocket webSocket);

  /**
   * A whole binary message has arrived, defragmented.
   *
   * @param message the remaining bytes are the message. The listener owns the buffer and its array
   *     from here on; the adapter never touches them again.
   */
  void onBinary(ByteBuffer message);

  /**
   * A whole text message has arrived, defragmented.
   *
   * @param message the remaining bytes are the message, as they came; nobody has checked whether
   *     they are UTF-8 (but see {@link Feature#ANY_TEXT}). The listener owns the buffer and its
   *     array from here on
   */
  void onText(ByteBuffer message);

  /** A WebSocket pong has arrived, with its application data. */
  default void onPong(ByteBuffer data) {}

  /**
   * The WebSocket has ended. Exactly once, the last callback.
   *
   * @param code the peer's close code; 1005 if its close frame had none; 1006 if the socket ended
   *     without a close frame or was aborted
   * @param reason the peer's reason or a description of what broke; never null
   */
  void onClose(int code, String reason);
}
