package io.culvert.jetty;

import io.culvert.jetty.Splice.Side;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.IteratingCallback;

/**
 * One direction of a {@link Splice}. Runs on whatever thread finds it something to do, never on two
 * at once.
 */
final class SplicePipe extends IteratingCallback {
  /** After so many buffers in a row others that share the thread come first. */
  private static final int TURN = 16;

  private final Splice splice;
  private final ByteBufferPool pool;
  private final EndPoint source;
  private final EndPoint sink;
  private final Side from;
  private final Callback fillable = new Fillable();

  /** Used by the running thread only: what was read before, until it was taken; else null. */
  private ByteBuffer first;

  /** Used by the running thread only: null while there are no bytes. */
  private RetainableByteBuffer buffer;

  /** Used by the running thread only. */
  private int writing;

  /** Used by the running thread only: buffers passed on since it last let others run. */
  private int turn;

  /** Why the source will never be readable, or cannot be read; null if it can. */
  private volatile Throwable sourceFailure;

  /** Why the sink takes no more; null while it does. */
  private volatile Throwable sinkFailure;

  /** What had been taken when {@link #source} took no more itself; negative: it does. */
  private volatile long takenAtSinkFailure = -1;

  private volatile boolean ended;
  private final AtomicLong taken = new AtomicLong();

  SplicePipe(Splice splice, ByteBufferPool pool, EndPoint source, EndPoint sink, Side from) {
    this.splice = splice;
    this.pool = pool;
    this.source = source;
    this.sink = sink;
    this.from = from;
  }

  /** Comes before everything that is read. */
  void first(ByteBuffer bytes) {
    first = bytes;
  }

  /** Bytes that the sink has taken. */
  long taken() {
    return taken.get();
  }

  /** Whether everything up to the source's end has been passed on. */
  boolean ended() {
    return ended;
  }

  /** Why the sink takes no more; null while it does. */
  Throwable sinkFailure() {
    return sinkFailure;
  }

  /** The source takes no more bytes itself. */
  void sourceTakesNoMore() {
    takenAtSinkFailure = taken.get();
  }

  /** Whether the source, when it took no more, had ended or still had something to say. */
  boolean answeredAfterSinkFailure() {
    return taken.get() > takenAtSinkFailure;
  }

  /** Nothing here waits for anything but other callbacks of end points. */
  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  @Override
  protected Action process() throws Throwable {
    if (sourceFailure != null) {
      throw sourceFailure;
    }
    if (first != null && first.hasRemaining()) {
      return write(first);
    }
    if (turn == TURN) {
      turn = 0;
      return awaitSource();
    }
    return fill();
  }

  private Action fill() throws Exception {
    buffer = pool.acquire(Splice.BUFFER_BYTES, true);
    ByteBuffer bytes = buffer.getByteBuffer();
    int filled;
    try {
      filled = source.fill(bytes);
    } catch (Exception e) {
      sourceFailure = e;
      throw e;
    }
    if (filled > 0) {
      return write(bytes);
    }
    release();
    return filled < 0 ? Action.SUCCEEDED : awaitSource();
  }

  private Action awaitSource() {
    source.fillInterested(fillable);
    return Action.IDLE;
  }

  private Action write(ByteBuffer bytes) {
    writing = bytes.remaining();
    sink.write(this, bytes);
    return Action.SCHEDULED;
  }

  @Override
  protected void onSuccess() {
    taken.addAndGet(writing);
    turn++;
    first = null;
    release();
  }

  private void release() {
    if (buffer != null) {
      buffer.release();
      buffer = null;
    }
  }

  @Override
  protected void onCompleteSuccess() {
    ended = true;
    splice.ended(from);
  }

  @Override
  protected void onCompleteFailure(Throwable failure) {
    release();
    if (sourceFailure != null) {
      splice.sourceFailed(from, sourceFailure);
    } else {
      sinkFailure = failure;
      splice.sinkFailed(from.other(), failure);
    }
  }

  /** There is something to read, or never will be. */
  private final class Fillable implements Callback {
    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }

    @Override
    public void succeeded() {
      iterate();
    }

    @Override
    public void failed(Throwable failure) {
      sourceFailure = failure;
      iterate();
    }
  }
}
