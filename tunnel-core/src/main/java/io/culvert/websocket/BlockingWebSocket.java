package io.culvert.websocket;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A plain WebSocket client whose methods block, over any {@link WebSocketDialer}. It has at most
 * one connection at a time, and none at first.
 *
 * <p>Thread-safe: all methods may be called at the same time, several readers, writers and pings
 * included. No thread has to read for pings to be answered or pongs to be seen, as long as no more
 * than the bound waits to be read.
 *
 * <p><b>Errors.</b> Before the first successful {@link #dial} everything but that throws {@link
 * NotYetConnectedException}. Once the connection has ended, whoever ended it, everything throws
 * {@link WebSocketClosedException}, until the next dial succeeds; so does what was waiting.
 *
 * <p><b>Time.</b> A timeout that is zero or negative has expired already: {@link
 * SocketTimeoutException} without any I/O. An interrupt ends a wait with {@link
 * InterruptedIOException}, the thread's interrupt status stays set. After a read or a ping that
 * timed out or was interrupted the connection is as good as before; after a write it is aborted,
 * because half a message may be on its way.
 */
public final class BlockingWebSocket implements Closeable {
  /** The default for what waits to be read. */
  public static final int DEFAULT_MAX_WAITING_BYTES = 1 << 20;

  private static final int NORMAL = 1000;
  private static final int GOING_AWAY = 1001;

  private final WebSocketDialer dialer;
  private final int maxWaitingBytes;

  /** The latest connection, which may have ended; null before the first. */
  private final AtomicReference<BlockingSession> latest = new AtomicReference<>();

  /** With the default bound. */
  public BlockingWebSocket(WebSocketDialer dialer) {
    this(dialer, DEFAULT_MAX_WAITING_BYTES);
  }

  /**
   * @param maxWaitingBytes how many bytes of messages may wait to be read before the peer is made
   *     to wait; exceeded by one message at most
   */
  public BlockingWebSocket(WebSocketDialer dialer, int maxWaitingBytes) {
    this.dialer = Objects.requireNonNull(dialer, "dialer");
    this.maxWaitingBytes = maxWaitingBytes;
    if (maxWaitingBytes <= 0) {
      throw new IllegalArgumentException("maxWaitingBytes must be positive");
    }
  }

  /**
   * Opens a connection and waits until that has succeeded or failed, at most for the request's
   * timeout. A connection there was is closed with code 1001 first, whose end is not awaited, and
   * dropped whether the dial succeeds or not.
   *
   * @throws UpgradeException if the peer answered with anything but a valid 101
   * @throws IOException if there is no connection within the time; see {@link WebSocketDialer#dial}
   * @throws UnsupportedOperationException if the request needs what the dialer's library lacks
   */
  public void dial(DialRequest request) throws IOException {
    replace(latest.get());
    BlockingSession session = new BlockingSession(maxWaitingBytes);
    dialer.dial(request, session);
    // Another thread may have dialed at the same time: the later connection stays.
    replace(latest.getAndSet(session));
  }

  private static void replace(BlockingSession previous) {
    if (previous != null) {
      previous.close(GOING_AWAY, "");
    }
  }

  /**
   * Waits for the next message. What had arrived before the peer ended the connection can still be
   * read; what this side ends it drops.
   *
   * @return the message, whose buffer is the caller's
   */
  public Message read(Duration timeout) throws IOException {
    return session().read(Deadline.in(timeout));
  }

  /**
   * Sends a message and waits until it is written: until the operating system has its last byte.
   * Messages of one thread arrive in order.
   *
   * @param message its buffer must not change before this method returns; after a timeout or an
   *     interrupt the library may read it for a moment longer
   * @throws IOException also if the message cannot be sent, such as text that is not UTF-8 over a
   *     library that lacks {@link Feature#ANY_TEXT}
   */
  public void write(Message message, Duration timeout) throws IOException {
    session().write(Objects.requireNonNull(message, "message"), Deadline.in(timeout));
  }

  /**
   * Sends a ping and waits for its pong: one with the same data, or with those of a later ping (RFC
   * 6455 section 5.5.3 lets the peer answer the latest only). Of several pings with the same data
   * that wait at the same time, one pong answers all.
   *
   * @param data at most 125 bytes
   * @throws IllegalArgumentException if data is longer
   * @throws UnsupportedOperationException if the dialer's library lacks {@link Feature#PING}
   */
  public void ping(ByteBuffer data, Duration timeout) throws IOException {
    ControlFrames.checkPing(data);
    session().ping(data, Deadline.in(timeout));
  }

  /**
   * Closes the connection: everything that waits fails, messages not yet read are dropped, and a
   * close frame is sent. Returns when the peer has answered it, or the socket has ended, at the
   * latest after the adapter's bound (10 seconds) and a moment.
   *
   * @param code a status code that may be sent, see {@link WebSocket#close}
   * @param reason at most 123 bytes of UTF-8; may be empty
   * @throws WebSocketClosedException if the connection has ended already, or is being closed
   * @throws InterruptedIOException if interrupted; the connection goes on to close
   * @throws IllegalArgumentException if the code or the reason may not be sent
   */
  public void close(int code, String reason) throws IOException {
    ControlFrames.checkClose(code, reason);
    BlockingSession session = session();
    if (!session.close(code, reason)) {
      throw session.closedException();
    }
    session.awaitClosed();
  }

  /** Closes with code 1000. Does nothing without a connection; idempotent. */
  @Override
  public void close() throws IOException {
    BlockingSession session = latest.get();
    if (session != null && session.close(NORMAL, "")) {
      session.awaitClosed();
    }
  }

  /**
   * Drops the socket at once, without a close frame; everything that waits fails with code 1006.
   * Does nothing without a connection; idempotent.
   */
  public void abort() {
    BlockingSession session = latest.get();
    if (session != null) {
      session.abort("aborted");
    }
  }

  /** The library's own connection object; null without a connection, and where there is none. */
  public Object underlying() {
    BlockingSession session = latest.get();
    return session == null ? null : session.underlying();
  }

  private BlockingSession session() {
    BlockingSession session = latest.get();
    if (session == null) {
      throw new NotYetConnectedException();
    }
    return session;
  }
}
