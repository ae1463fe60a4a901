package io.culvert.jetty;

import io.culvert.connection.TunnelStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;

/**
 * Lets Jetty's clients connect by opening a stream. Two transports to the same peer are equal, so
 * that a client pools the streams of a peer, and never uses one for another peer. Thread-safe.
 */
public final class StreamTransport implements Transport {
  /**
   * How long a stream without an exchange is kept: less than the 5 s after which Node.js, uvicorn
   * and Apache's httpd end a connection that waits for its next request, so that requests rarely
   * meet a stream that the service is about to end. It does not count during an outage.
   */
  public static final Duration IDLE_TIMEOUT = Duration.ofSeconds(4);

  /** For those who ask for an address; nothing is ever looked up or connected there. */
  private static final SocketAddress NOWHERE = InetSocketAddress.createUnresolved("stream", 80);

  private final Object peer;
  private final Opener opener;
  private final Duration idleTimeout;

  /** Opens a stream to the peer. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Must not block.
     *
     * @throws IOException what a request that needs the stream fails with
     */
    TunnelStream open() throws IOException;
  }

  /** With {@link #IDLE_TIMEOUT}. */
  public StreamTransport(Object peer, Opener opener) {
    this(peer, opener, IDLE_TIMEOUT);
  }

  /**
   * @param peer whom the streams lead to, by its own {@code equals}
   * @param idleTimeout how long a stream without an exchange is kept; zero: until it ends
   */
  public StreamTransport(Object peer, Opener opener, Duration idleTimeout) {
    this.peer = peer;
    this.opener = opener;
    this.idleTimeout = idleTimeout;
  }

  /** Opens a stream on the calling thread, without blocking. */
  @Override
  public void connect(SocketAddress unused, Map<String, Object> context) {
    @SuppressWarnings("unchecked")
    Promise<Connection> promise =
        (Promise<Connection>) context.get(ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY);
    try {
      promise.succeeded(open(context));
    } catch (IOException | RuntimeException e) {
      promise.failed(e);
    }
  }

  private Connection open(Map<String, Object> context) throws IOException {
    ClientConnector connector = (ClientConnector) context.get(ClientConnector.CONTEXT_KEY);
    StreamEndPoint endPoint =
        new StreamEndPoint(
            opener.open(),
            connector.getScheduler(),
            connector.getExecutor(),
            connector.getExecutor());
    try {
      endPoint.setIdleTimeout(idleTimeout.toMillis());
      // This one may be wrapped in another: the outermost is in the context.
      Transport outermost = (Transport) context.get(CONTEXT_KEY);
      Connection connection = outermost.newConnection(endPoint, context);
      endPoint.setConnection(connection);
      endPoint.onOpen();
      connection.onOpen();
      return connection;
    } catch (IOException | RuntimeException e) {
      endPoint.close(e);
      throw e;
    }
  }

  @Override
  public SocketAddress getSocketAddress() {
    return NOWHERE;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof StreamTransport that && that.peer.equals(peer);
  }

  @Override
  public int hashCode() {
    return peer.hashCode();
  }

  @Override
  public String toString() {
    return "streams to " + peer;
  }
}
