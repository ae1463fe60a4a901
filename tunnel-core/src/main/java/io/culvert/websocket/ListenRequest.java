package io.culvert.websocket;

import java.net.InetSocketAddress;
import java.util.Objects;
import javax.net.ssl.SSLContext;

/**
 * Where and how to listen. Immutable.
 *
 * @param address where to listen; port 0 chooses a free one. Null for a hosted acceptor ({@link
 *     WebSocketAcceptorFactory#hosted})
 * @param limits what dialers may do
 * @param tls for {@code wss}; null listens for {@code ws}
 * @param threadPrefix begins the names of the acceptor's own threads
 */
public record ListenRequest(
    InetSocketAddress address,
    WebSocketAcceptor.Limits limits,
    SSLContext tls,
    String threadPrefix) {

  public ListenRequest {
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(threadPrefix, "threadPrefix");
  }
}
