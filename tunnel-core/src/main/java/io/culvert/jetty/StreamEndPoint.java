package io.culvert.jetty;

import io.culvert.connection.ExchangeStream;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A stream as Jetty sees it: what a socket's end point is to TCP. Whoever makes one gives it a
 * {@link Connection} ({@link #setConnection}) and opens both. Closing it, or failing its
 * connection, ends the stream: in order without a failure, else by a reset.
 *
 * <p>Wake-ups of the stream come on a connection's reader thread and are handed over to the
 * executors at once. The idle time stands still while the connection has no WebSocket.
 */
public class StreamEndPoint extends AbstractEndPoint {
  /** Header and body of a small message: worth a copy, to leave in one packet. */
  private static final int GATHER_BYTES = 8 << 10;

  /** For a WebSocket library that does not tell: without any Jetty speaks no HTTP/2. */
  private static final SocketAddress UNKNOWN =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final TunnelStream stream;
  private final Executor blocking;
  private final Executor waking;

  /** How long the connection had been without a WebSocket when the idle time began. */
  private volatile long outageBefore;

  /**
   * @param blocking runs what may block or call the application
   * @param waking runs what does not block and wakes a thread that does: with all threads of {@code
   *     blocking} waiting it has to run nevertheless
   */
  public StreamEndPoint(
      TunnelStream stream, Scheduler scheduler, Executor blocking, Executor waking) {
    super(scheduler);
    this.stream = stream;
    this.blocking = blocking;
    this.waking = waking;
    outageBefore = stream.connection().outageNanos();
  }

  /** The stream; this end point owns it. */
  public final TunnelStream stream() {
    return stream;
  }

  @Override
  public Object getTransport() {
    return stream;
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    SocketAddress known = stream.connection().localAddress();
    return known == null ? UNKNOWN : known;
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return stream.connection().remoteAddress();
  }

  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    if (isInputShutdown()) {
      return -1;
    }
    int position = BufferUtil.flipToFill(buffer);
    int filled;
    try {
      filled = stream.read(buffer);
    } catch (IOException e) {
      // Jetty closes nothing after this: an end point whose output has ended would stay for ever.
      shutdownInput();
      throw new EofException(e);
    } finally {
      BufferUtil.flipToFlush(buffer, position);
    }
    if (filled > 0) {
      notIdle();
      onFilled();
    } else if (filled < 0) {
      shutdownInput();
    }
    return filled;
  }

  /** Bytes were read. Does nothing here. */
  protected void onFilled() {}

  @Override
  protected void needsFillInterest() {
    watch();
  }

  /** Asks to be woken by the next byte or the end. */
  protected final void watch() {
    stream.whenReadable(this::onReadable);
  }

  private void onReadable() {
    if (!isFillInterested()) {
      onUnwanted(); // whoever wants bytes later looks for himself
    } else if (getFillInterest().getCallbackInvocationType() == InvocationType.BLOCKING) {
      execute(this::fillable);
    } else {
      wake(this::fillableWithoutBlocking);
    }
  }

  /** There is something to read that nobody waits for. On the reader thread. Does nothing here. */
  protected void onUnwanted() {}

  /** Runs whoever waits for bytes, and may block. */
  protected void fillable() {
    getFillInterest().fillable();
  }

  /** Runs whoever waits for bytes, and does not block. */
  protected void fillableWithoutBlocking() {
    getFillInterest().fillable();
  }

  @Override
  public boolean flush(ByteBuffer... buffers) throws IOException {
    if (isOutputShutdown()) {
      throw new EofException("the output is closed");
    }
    long before = BufferUtil.remaining(buffers);
    try {
      if (buffers.length > 1 && before <= GATHER_BYTES) {
        writeGathered(buffers, (int) before);
      } else {
        writeEach(buffers);
      }
    } catch (IOException e) {
      throw new EofException(e);
    }
    long left = BufferUtil.remaining(buffers);
    if (left < before) {
      notIdle();
    }
    if (left == 0 && stream instanceof ExchangeStream exchanges) {
      exchanges.endMessage();
    }
    return left == 0;
  }

  private void writeEach(ByteBuffer[] buffers) throws IOException {
    for (ByteBuffer buffer : buffers) {
      if (buffer.hasRemaining()) {
        stream.write(buffer);
        if (buffer.hasRemaining()) {
          return;
        }
      }
    }
  }

  private void writeGathered(ByteBuffer[] buffers, int bytes) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(bytes);
    for (ByteBuffer buffer : buffers) {
      all.put(buffer.duplicate());
    }
    int written = stream.write(all.flip());
    for (ByteBuffer buffer : buffers) {
      int count = Math.min(written, buffer.remaining());
      buffer.position(buffer.position() + count);
      written -= count;
    }
  }

  @Override
  protected void onIncompleteFlush() {
    stream.whenWritable(this::onWritable);
  }

  private void onWritable() {
    Runnable complete = getWriteFlusher()::completeWrite;
    if (getWriteFlusher().getCallbackInvocationType() == InvocationType.BLOCKING) {
      execute(complete);
    } else {
      wake(complete);
    }
  }

  private void wake(Runnable task) {
    try {
      waking.execute(() -> Invocable.invokeNonBlocking(task));
    } catch (RejectedExecutionException e) {
      execute(task); // one may be stopping when the other is not
    }
  }

  /** Runs what may block, elsewhere; resets the stream if that is not possible any more. */
  protected final void execute(Runnable task) {
    try {
      blocking.execute(task);
    } catch (RejectedExecutionException e) {
      // Jetty has stopped under the stream.
      stream.reset(ErrorCode.INTERNAL_ERROR);
    }
  }

  @Override
  protected void doShutdownOutput() {
    try {
      stream.shutdownOutput();
    } catch (TunnelException e) {
      // The stream has failed: there is nobody left to tell.
    } catch (IOException e) {
      stream.reset(ErrorCode.INTERNAL_ERROR);
    }
  }

  /**
   * Runs this once, and it may block, when the stream was given up: nobody has to read or write.
   */
  final void whenGivenUp(Runnable task) {
    stream.whenGivenUp(() -> execute(task));
  }

  /** Tells the connection elsewhere: it may call the application, and the caller may hold locks. */
  @Override
  public void onClose(Throwable failure) {
    endStream(failure);
    super.onClose(failure);
    try {
      blocking.execute(() -> onClosed(failure));
    } catch (RejectedExecutionException e) {
      onClosed(failure);
    }
  }

  /**
   * The end point is closed: ends the stream. What was written still arrives if there is no
   * failure.
   */
  protected void endStream(Throwable failure) {
    if (failure == null) {
      stream.close();
    } else {
      stream.reset(ErrorCode.CANCELLED);
    }
  }

  /** The last thing that an end point does: tells its connection. */
  protected void onClosed(Throwable failure) {
    Connection connection = getConnection();
    if (connection != null) {
      connection.onClose(failure);
    }
  }

  @Override
  public void notIdle() {
    outageBefore = stream.connection().outageNanos();
    super.notIdle();
  }

  /** Jetty calls {@link #notIdle} after this: a time that does not count begins anew. */
  @Override
  protected final void onIdleExpired(TimeoutException timeout) {
    if (mayExpire()) {
      super.onIdleExpired(timeout);
    }
  }

  /** Whether the idle timeout means something: here, if there was no outage meanwhile. */
  protected boolean mayExpire() {
    return !outage();
  }

  /** Whether the connection has been without a WebSocket since the idle time began. */
  protected final boolean outage() {
    return stream.connection().outageNanos() != outageBefore;
  }
}
