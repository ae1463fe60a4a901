package io.culvert.websocket;

import java.io.IOException;

/** Opens WebSockets. Thread-safe; one dialer serves any number of dials. */
public interface WebSocketDialer {

  /**
   * Opens a WebSocket and waits until the upgrade has succeeded, failed, or taken longer than the
   * request's timeout. {@link WebSocketListener#onOpen} has run when this method returns.
   *
   * <p>Redirects are not followed. Interrupting the caller ends the dial and drops its socket.
   *
   * @return the open WebSocket
   * @throws UpgradeException if the peer answered the upgrade with anything but a valid 101, which
   *     includes a subprotocol that was not offered, or none
   * @throws IOException if the connection or the TLS handshake failed, the time ran out ({@link
   *     java.net.SocketTimeoutException}) or the caller was interrupted ({@link
   *     java.io.InterruptedIOException})
   */
  WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException;
}
