package io.culvert.websocket;

import java.util.Map;
import java.util.Objects;

/** The answer to an upgrade request. */
public sealed interface Upgrade {

  /**
   * Completes the upgrade.
   *
   * @param subprotocol one of the offered subprotocols, echoed to the dialer; null for none
   * @param listener hears of the new WebSocket
   * @param maxMessageBytes a longer message ends this WebSocket with code 1009; the acceptor's
   *     limit ({@link WebSocketAcceptor.Limits}) holds too
   */
  record Accept(String subprotocol, WebSocketListener listener, int maxMessageBytes)
      implements Upgrade {
    public Accept {
      Objects.requireNonNull(listener, "listener");
      if (maxMessageBytes <= 0) {
        throw new IllegalArgumentException("maxMessageBytes must be positive");
      }
    }

    /** With the acceptor's limit alone. */
    public Accept(String subprotocol, WebSocketListener listener) {
      this(subprotocol, listener, Integer.MAX_VALUE);
    }
  }

  /**
   * Answers with an HTTP error and closes the socket.
   *
   * @param status an HTTP status of 300 or above
   * @param reason one line for the answer's text/plain body; goes to the peer, so no secrets
   * @param headers further headers, such as {@code WWW-Authenticate}
   */
  record Refuse(int status, String reason, Map<String, String> headers) implements Upgrade {
    public Refuse {
      if (status < 300 || status > 599) {
        throw new IllegalArgumentException("expected a status of 300 to 599, but got " + status);
      }
      headers = Map.copyOf(headers);
    }

    public Refuse(int status, String reason) {
      this(status, reason, Map.of());
    }
  }
}
