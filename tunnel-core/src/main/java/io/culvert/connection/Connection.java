package io.culvert.connection;

import io.culvert.frame.ErrorCode;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.time.Duration;

/**
 * A connection as those drive it who make connections, whatever protocol it speaks on its one
 * WebSocket. Thread-safe.
 */
public interface Connection extends StreamConnection {

  /**
   * What the WebSocket that carries this connection is to call: to be given to the dial or to the
   * upgrade. The connection's first WebSocket.
   */
  WebSocketListener socketListener();

  /**
   * What a dialer's next WebSocket is to call, to be given to the dial: when it opens, the
   * connection is moved to it, whether the one before is broken or not. If the connection has ended
   * meanwhile, the WebSocket is aborted.
   *
   * @throws UnsupportedOperationException if the protocol cannot resume, or this connection cannot
   * @throws IllegalStateException if this is not the dialer's side
   */
  WebSocketListener nextSocket();

  /**
   * Whether the connection is without a WebSocket and waits for one: nothing is sent or received,
   * and nothing is lost.
   */
  boolean detached();

  /** What happened to its WebSockets so far. */
  LinkStatistics linkStatistics();

  /**
   * Waits until the handshake is complete.
   *
   * @throws TunnelException if the connection has ended, with the peer's reason
   * @throws java.io.InterruptedIOException if the caller was interrupted; the connection is aborted
   */
  void awaitEstablished() throws IOException;

  /** The latest measured round trip; zero if none was measured. */
  Duration roundTrip();

  /** How many streams have not ended. */
  int activeStreams();

  /** Bytes sent and kept because the peer has not acknowledged them; 0 if the protocol has none. */
  long replayBytes();

  /** Tells the peer, if the protocol can, that no new streams are taken. Open streams go on. */
  void drain(String reason);

  /**
   * Waits until no stream is open or the connection has ended.
   *
   * @return whether that was so within the timeout
   */
  boolean awaitIdle(Duration timeout) throws InterruptedException;

  /**
   * Ends the connection now: tells the peer why, then closes the WebSocket. Streams that are open
   * fail. Does not wait. Idempotent.
   */
  void close(ErrorCode code, String reason);

  /**
   * Ends the connection at once: streams that are open fail with {@link ErrorCode#ABORTED}, and the
   * peer is told if the socket takes that without waiting. Drops the socket in the middle of a
   * {@link #close} or another abort, else after its close handshake or 5 s. Does not wait.
   */
  void abort(String reason);

  /** Waits until the WebSocket is closed; false if that took longer than the timeout. */
  boolean awaitSocketClosed(Duration timeout) throws InterruptedException;
}
