package io.culvert.servlet;

import io.culvert.connection.ExchangeStream;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;

/**
 * A stream as Jetty sees it. Wake-ups of the stream come on a connection's reader thread and are
 * handed over to the server's executor at once.
 */
final class TunnelEndPoint extends AbstractEndPoint {
  /** Header and body of a small response: worth a copy, to leave in one packet. */
  private static final int GATHER_BYTES = 8 << 10;

  /** For a WebSocket library that does not tell: without any Jetty speaks no HTTP/2. */
  private static final SocketAddress UNKNOWN =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final TunnelConnector connector;
  private final TunnelStream stream;
  private final RunningRequests requests;

  /** Threads that Jetty may use for a handler at the moment. */
  private final AtomicInteger handling = new AtomicInteger();

  /** How long the connection had been without a WebSocket when the idle time began. */
  private volatile long outageBefore;

  TunnelEndPoint(TunnelConnector connector, TunnelStream stream) {
    super(connector.getScheduler());
    this.connector = connector;
    this.stream = stream;
    requests = new RunningRequests(stream);
    outageBefore = stream.connection().outageNanos();
  }

  TunnelStream stream() {
    return stream;
  }

  RunningRequests requests() {
    return requests;
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
      if (requests.running()) {
        watch();
      }
    } else if (filled < 0) {
      shutdownInput();
    }
    return filled;
  }

  @Override
  protected void needsFillInterest() {
    watch();
  }

  /**
   * Asks to be woken by the next byte or the end; also while a request runs and Jetty wants no
   * bytes, because only so the end of the stream is noticed.
   */
  void watch() {
    stream.whenReadable(this::onReadable);
  }

  private void onReadable() {
    if (isFillInterested()) {
      if (getFillInterest().getCallbackInvocationType() == InvocationType.BLOCKING) {
        execute(this::fillable);
      } else {
        wake(this::fillableWithoutBlocking);
      }
    } else if (stream.outputEnded() && requests.running()) {
      execute(this::checkPeer);
    }
    // Else bytes came that nobody wants yet: whoever wants them looks for himself.
  }

  private void fillable() {
    handling.incrementAndGet();
    try {
      getFillInterest().fillable();
    } finally {
      handling.decrementAndGet();
      checkPeer();
    }
  }

  private void fillableWithoutBlocking() {
    getFillInterest().fillable();
    if (stream.outputEnded() && requests.running()) {
      execute(this::checkPeer); // tells the application, which may block
    }
  }

  /**
   * Fails running requests if the peer does not wait for their responses any more. Not while a
   * thread is in a handler: a servlet that has just become asynchronous would miss it, because
   * Jetty drops such a failure until that thread has returned. The thread looks itself when it has.
   */
  void checkPeer() {
    if (handling.get() == 0 && stream.outputEnded() && requests.running()) {
      requests.peerIsGone(new EofException("the peer has given up the request"));
    }
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

  /**
   * Ends the stream once the requests on it are finished, so that its opener's next one goes to
   * another server. A stream that carries something else than HTTP by now goes on.
   */
  void retire() {
    if (requests.running()) {
      requests.whenIdle(() -> execute(this::endHttp));
    } else {
      endHttp();
    }
  }

  private void endHttp() {
    Connection connection = getConnection();
    if (connection instanceof HttpConnection || connection instanceof HTTP2Connection) {
      close();
    }
  }

  private void wake(Runnable task) {
    try {
      connector.wakeExecutor().execute(() -> Invocable.invokeNonBlocking(task));
    } catch (RejectedExecutionException e) {
      execute(task); // the connector is stopping, its server may not have
    }
  }

  private void execute(Runnable task) {
    try {
      connector.requestExecutor().execute(task);
    } catch (RejectedExecutionException e) {
      // The server has stopped under the stream.
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
   * The peer gets what was written and then the end. The stream itself is given back only when no
   * request runs on it any more.
   */
  @Override
  protected void doClose() {
    doShutdownOutput();
    stream.shutdownInput();
    requests.endPointClosed();
  }

  /**
   * Tells the connection, elsewhere: it may call the application, and the caller may hold locks.
   */
  @Override
  public void onClose(Throwable failure) {
    super.onClose(failure);
    Connection connection = getConnection();
    Runnable told =
        () -> {
          if (connection != null) {
            connection.onClose(failure);
          }
          connector.ended(this);
        };
    try {
      connector.requestExecutor().execute(told);
    } catch (RejectedExecutionException e) {
      told.run();
    }
  }

  @Override
  public void notIdle() {
    outageBefore = stream.connection().outageNanos();
    super.notIdle();
  }

  /** Jetty calls {@link #notIdle} after this: a time that does not count begins anew. */
  @Override
  protected void onIdleExpired(TimeoutException timeout) {
    boolean outage = stream.connection().outageNanos() != outageBefore;
    // When the server stops nothing will come any more, outage or not.
    if (!requests.running() && (!outage || connector.isShutdown())) {
      super.onIdleExpired(timeout);
    }
  }
}
