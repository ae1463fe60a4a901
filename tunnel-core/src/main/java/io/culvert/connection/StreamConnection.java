package io.culvert.connection;

import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;

/**
 * A connection as the packages above see it: streams and an identity, whatever carries them.
 * Thread-safe.
 */
public interface StreamConnection {

  /**
   * The connection id, chosen by the acceptor: 32 lower-case hexadecimal digits, or a UUID of 36
   * characters if the peer speaks swaggersocket.
   */
  String id();

  /** What the dialer said about itself in the handshake; unmodifiable. */
  Map<String, String> metadata();

  /** Whether this side dialed. */
  boolean dialer();

  /** The peer's address as the socket sees it. */
  SocketAddress remoteAddress();

  /** This side's address. */
  SocketAddress localAddress();

  /** Whether TLS protects the WebSocket. */
  boolean secure();

  /**
   * Whether the protocol carries HTTP exchanges only, one at a time, in one direction: its streams
   * are {@link ExchangeStream}s, and one may be open.
   */
  default boolean oneExchangeAtATime() {
    return false;
  }

  /**
   * Whether the connection can outlive a WebSocket: its streams are {@link ResumableStream}s then.
   */
  default boolean resumable() {
    return false;
  }

  /**
   * How long the connection has been without a WebSocket, in all, the present outage included:
   * nanoseconds that never become fewer. What should stand still meanwhile subtracts what was added
   * since it began. Cheap: takes no lock.
   */
  default long outageNanos() {
    return 0;
  }

  /**
   * Whether streams can be opened: false before the handshake is complete, once either side is
   * draining, and when the connection has ended.
   */
  boolean accepting();

  /**
   * Opens a stream; the peer does not have to answer, so bytes may be written at once. Waits while
   * the peer's stream limit is reached.
   *
   * @param attributes at most 4 KiB in all; names at most 255 bytes
   * @param timeout how long to wait for stream credit; zero means not at all
   * @throws TunnelException if the connection has ended or is draining, or no credit came in time
   *     ({@link ErrorCode#LIMIT_EXCEEDED}); always {@code delivered: no}
   * @throws java.io.InterruptedIOException if the thread is interrupted while it waits; no stream
   *     is opened
   */
  TunnelStream open(Map<String, String> attributes, Duration timeout) throws IOException;

  /**
   * Sets who gets the streams that the peer opens. Until this is called they wait, a connection's
   * for at most five seconds after its listener has seen it; later, or when it is null, they are
   * refused ({@link ErrorCode#REFUSED}).
   */
  void streamHandler(StreamHandler handler);

  /** Takes streams that the peer opened. */
  @FunctionalInterface
  interface StreamHandler {
    /**
     * Called once for each stream, on the connection's reader thread or on the one that set the
     * handler; must not block nor call application code. The handler owns the stream from here on.
     */
    void onStream(TunnelStream stream);
  }
}
