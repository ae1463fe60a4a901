package io.culvert.websocket;

import java.io.IOException;
import java.util.Set;

/** Opens WebSockets. Thread-safe; one dialer serves any number of dials. */
@FunctionalInterface
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
   * @throws UnsupportedOperationException if the request needs what is {@link #missing}; nothing
   *     was dialed, and the message says what to use instead
   * @throws IllegalArgumentException if a header may not be sent
   */
  WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException;

  /** What the library cannot do; unmodifiable, the same at every call. */
  default Set<Feature> missing() {
    return Set.of();
  }
}
