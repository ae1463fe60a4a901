package io.culvert.connection;

import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;

/**
 * One flow-controlled, bidirectional byte stream of a connection: what a socket is to TCP.
 *
 * <p>Blocking I/O ({@link #inputStream}, {@link #outputStream}) and asynchronous I/O ({@link
 * #read}/{@link #whenReadable}, {@link #write}/{@link #whenWritable}) may be mixed. All methods are
 * thread-safe; bytes of concurrent writers interleave at the granularity of a call, as on a socket.
 * A stream that fails never harms its connection.
 *
 * <p>Whoever got the stream owns it and must end it with {@link #close} or {@link #reset}: for a
 * stream that the peer opened this also gives the peer its credit to open another one, so it must
 * come only when the handler has finished.
 */
public interface TunnelStream extends AutoCloseable {

  /** The stream's id, unique in its connection: odd when the dialer opened it, else even. */
  int id();

  /** What the opener said about the stream when it opened it; at most 4 KiB; unmodifiable. */
  Map<String, String> attributes();

  /**
   * Bytes from the peer. A read blocks until there is at least one byte, the end (-1), a failure or
   * the read timeout; {@code available()} is what a read gets without blocking; {@code close()}
   * closes the stream. The same object at every call.
   */
  InputStream inputStream();

  /**
   * Bytes to the peer. A write returns when the stream's send buffer (64 KiB) has taken its last
   * byte; bytes leave without {@code flush()}, which does nothing. {@code close()} closes the
   * stream; {@link #shutdownOutput} ends the bytes only. The same object at every call.
   */
  OutputStream outputStream();

  /**
   * Bounds each blocking read; zero (the default) means no bound. A read that takes longer throws
   * {@link java.net.SocketTimeoutException} and leaves the stream usable. Applies to the next read.
   */
  void readTimeout(Duration timeout);

  /**
   * Reads what is there, without blocking.
   *
   * @return the number of bytes put into {@code target}; 0 if there are none now (or target is
   *     full); -1 at the end of the peer's bytes
   * @throws IOException if the stream or its connection has failed ({@link TunnelException}), or
   *     the stream was closed by this side
   */
  int read(ByteBuffer target) throws IOException;

  /**
   * Asks to be woken once, when {@link #read} would no longer return 0. If that is so already
   * (data, end or failure), {@code wake} runs on the calling thread before this method returns; the
   * check and the registration are one atomic step. Else it runs on the connection's reader thread
   * and must not block nor call application code: hand over to an executor. A later call replaces
   * an earlier one that has not run.
   */
  void whenReadable(Runnable wake);

  /**
   * Writes as many bytes of {@code source} as the send buffer takes, without blocking.
   *
   * @return the number of bytes taken, possibly 0
   * @throws IOException if the stream or its connection has failed, the peer has asked to stop
   *     sending, or the output was shut down
   */
  int write(ByteBuffer source) throws IOException;

  /** Like {@link #whenReadable}, for {@link #write}. It may also run on a thread that writes. */
  void whenWritable(Runnable wake);

  /**
   * Asks to be woken once, when the peer has given up the stream or can no longer: it has stopped
   * reading although this side's bytes have not ended, or the stream has failed, or this side has
   * closed it. Needs neither a read nor a write to find out. If that is so already, and on which
   * thread: like {@link #whenReadable}.
   */
  void whenGivenUp(Runnable wake);

  /**
   * Ends this side's bytes: what was written before still arrives, then the peer reads -1.
   * Idempotent.
   *
   * @throws IOException if the stream has failed
   */
  void shutdownOutput() throws IOException;

  /**
   * Tells the peer that nothing more will be read: unread bytes are dropped and the peer's writes
   * fail. Idempotent.
   */
  void shutdownInput();

  /** Whether all of the peer's bytes, up to its FIN, have arrived (they may still be unread). */
  boolean finReceived();

  /** Whether reads cannot give another byte: end reached, input shut down, failed or closed. */
  boolean inputEnded();

  /** Whether writes cannot succeed: output shut down, peer stopped reading, failed or closed. */
  boolean outputEnded();

  /**
   * Bytes written that have not been handed to the connection's WebSocket yet; once the stream has
   * failed, how many those were at that moment.
   */
  int unsentBytes();

  /** Whether bytes that were written cannot go out before the peer reads. */
  boolean stalled();

  /** Whether {@link #close} or {@link #reset} was called by this side, or the stream failed. */
  boolean closed();

  /**
   * Orderly end: {@link #shutdownInput} and {@link #shutdownOutput}, in this order, so that a peer
   * that sees the end knows already that nobody reads; then the owner is done with the stream. What
   * was written still arrives, without the caller waiting for it. Wakes blocked reads and writes of
   * this side, which fail with {@link java.net.SocketException} ("stream closed"). Idempotent;
   * never throws, never blocks.
   */
  @Override
  void close();

  /**
   * Abrupt end, both directions: unsent and unread bytes are dropped, the peer's reads and writes
   * fail with a {@link TunnelException} that carries {@code code}. Wakes blocked reads and writes
   * of this side. Does nothing if the stream has ended. Never blocks.
   */
  void reset(ErrorCode code);

  /**
   * What became of the bytes if the stream fails now: {@code NO} while no byte of it was handed to
   * a socket or if the peer refused it, {@code YES} once a byte from the peer has arrived, else
   * {@code UNKNOWN}.
   */
  Delivered delivered();

  /**
   * Why the peer or the end of the connection has cut the stream short, and {@link #delivered}; a
   * new exception at each call. Null if neither did: the stream goes on, was ended in order, or
   * reset by this side.
   */
  TunnelException failure();

  /** Bytes received from the peer so far, read or not. */
  long bytesReceived();

  /** Bytes written by this side so far, including {@link #unsentBytes}. */
  long bytesWritten();

  /** The connection that carries the stream. */
  StreamConnection connection();
}
