package io.culvert.websocket;

import java.net.SocketAddress;
import java.nio.ByteBuffer;

/**
 * One open WebSocket, whichever library carries it and whichever side dialed.
 *
 * <p>All methods may be called from any thread, at any time, including from inside {@link
 * WebSocketListener} callbacks; none of them waits for the network. Messages leave in the order in
 * which {@link #send} was called; a caller that needs a particular order calls from one thread at a
 * time.
 */
public interface WebSocket {

  /**
   * Sends one binary message.
   *
   * <p>The buffer's remaining bytes are the message. They belong to the WebSocket until {@code
   * completion} has run and must not change before; the WebSocket does not change them either (a
   * masking side masks a copy). There is no limit to what may be queued: the caller bounds it by
   * counting completions.
   *
   * @param completion run exactly once: with null when the operating system (or, for TLS, the TLS
   *     layer's socket) has taken the message's last byte, or with the reason why that never
   *     happened. It may run on the calling thread before this method returns, or on one of the
   *     library's threads; it must not block. Completions of successful messages run in the order
   *     of the sends. After {@link #abort} or the end of the WebSocket every pending completion
   *     fails.
   */
  void send(ByteBuffer message, Completion completion);

  /**
   * Sends one text message; as {@link #send} otherwise, in one order with it.
   *
   * @param message UTF-8; other bytes go out as they are unless {@link Feature#ANY_TEXT} is missing
   */
  void sendText(ByteBuffer message, Completion completion);

  /**
   * Sends a WebSocket ping. Its pong, if one comes, reaches {@link WebSocketListener#onPong}.
   *
   * @param data at most 125 bytes
   * @throws IllegalArgumentException if data is longer
   * @throws UnsupportedOperationException if {@link Feature#PING} is missing
   */
  void ping(ByteBuffer data);

  /**
   * Stops {@link WebSocketListener#onBinary} and {@link WebSocketListener#onText} until {@link
   * #resume}, so that the peer's messages wait where they are and its sender stalls. Called inside
   * a callback it holds from the next message on; elsewhere one callback may be beginning already.
   * Meanwhile the peer's pings may go unanswered, its pongs unreported and its end, orderly or not,
   * unnoticed; {@link #abort} works as ever. Idempotent.
   */
  void pause();

  /** Undoes {@link #pause}: callbacks go on with what has waited. Idempotent. */
  void resume();

  /**
   * Starts the close handshake: messages already sent go first, then a close frame. If the peer has
   * not answered within the adapter's bound (10 seconds), the socket is dropped. Does nothing if
   * the WebSocket is closed or closing.
   *
   * @param code a status code that may be sent (RFC 6455 section 7.4): 1000-1003, 1007-1014,
   *     3000-4999
   * @param reason at most 123 bytes of UTF-8; may be empty
   * @throws IllegalArgumentException if the code or the reason may not be sent
   */
  void close(int code, String reason);

  /**
   * Drops the socket at once, without a close handshake and without waiting for anything. {@link
   * WebSocketListener#onClose} still runs, with code 1006. Does nothing if the WebSocket is closed.
   */
  void abort();

  /** The subprotocol both sides agreed on, or null when none was negotiated. */
  String subprotocol();

  /**
   * The peer's address as the socket sees it (behind a proxy: the proxy's); but see {@link
   * Feature#ADDRESSES}.
   */
  SocketAddress remoteAddress();

  /** This side's address; null if {@link Feature#ADDRESSES} is missing. */
  SocketAddress localAddress();

  /** Whether TLS protects the socket. */
  boolean secure();

  /** The library's own connection object, for what the port does not cover; may be null. */
  Object underlying();

  /** What happened to one message; see {@link #send}. */
  @FunctionalInterface
  interface Completion {
    /**
     * Runs exactly once for a message.
     *
     * @param failure null when the message was written
     */
    void written(Throwable failure);
  }
}
