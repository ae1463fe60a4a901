package io.culvert.websocket;

/**
 * What a WebSocket library may be unable to do. Its adapter names what is missing ({@link
 * WebSocketDialer#missing}, {@link WebSocketAcceptor#missing}); everything else of the port's
 * contract every adapter does.
 */
public enum Feature {
  /** {@link WebSocket#ping} and {@link WebSocketListener#onPong}. Missing: ping throws. */
  PING,

  /**
   * Text messages whose bytes are not UTF-8. Missing: sending one fails its completion; one that
   * arrives ends the WebSocket with code 1007, or has U+FFFD in place of the malformed bytes.
   */
  ANY_TEXT,

  /**
   * The socket's addresses. Missing: {@link WebSocket#localAddress} is null and {@link
   * WebSocket#remoteAddress} is what the URL names, unresolved.
   */
  ADDRESSES,

  /** An HTTP proxy for {@code ws} URLs; for {@code wss} there always is. Missing: dial throws. */
  PROXY_FOR_WS,

  /** SOCKS proxies. Missing: dial throws. */
  SOCKS_PROXY,

  /**
   * Dropping the socket without a close frame. Missing: {@link WebSocket#abort} ends this side at
   * once as it should, and the peer may see a close code other than 1006, later.
   */
  ABORT_WITHOUT_CLOSE,

  /**
   * Sending and taking every close code that {@link WebSocket#close} takes. Missing: in place of
   * some the peer sees another one of like meaning, and one from the peer may count as a violation;
   * the adapter names them.
   */
  CLOSE_CODES
}
