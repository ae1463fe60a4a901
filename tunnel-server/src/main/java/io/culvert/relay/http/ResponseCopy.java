package io.culvert.relay.http;

import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.IteratingCallback;
import org.eclipse.jetty.util.thread.Invocable;

/**
 * Writes the body of a response to the client as it comes: each piece is flushed, and the next one
 * is read when the client has taken it. Holds two pieces at most.
 */
final class ResponseCopy extends IteratingCallback {
  private final Content.Source source;
  private final Response response;
  private final Listener listener;

  // Used by the running thread only.

  private boolean begun;
  private boolean lastWritten;
  private boolean sourceFailed;

  /** Read ahead, to see whether the one before it is the last; null if there is none. */
  private Content.Chunk next;

  /** What is being written; null if that is the head alone. */
  private Content.Chunk writing;

  /** What the copy tells. */
  interface Listener {
    /** The head is about to be written; false: it must not, and there will be no more calls. */
    boolean begin();

    /** The last byte was written. */
    void copied();

    /** The client takes no more. */
    void clientFailed(Throwable failure);

    /** There is no more to read before the end. */
    void sourceFailed(Throwable failure);
  }

  ResponseCopy(Content.Source source, Response response, Listener listener) {
    this.source = source;
    this.response = response;
    this.listener = listener;
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  @Override
  protected Action process() throws Throwable {
    if (lastWritten) {
      return Action.SUCCEEDED;
    }
    Content.Chunk chunk = next == null ? source.read() : next;
    next = null;
    if (chunk == null) {
      return begun ? awaitMore() : write(false, BufferUtil.EMPTY_BUFFER);
    }
    if (Content.Chunk.isFailure(chunk)) {
      sourceFailed = true;
      throw chunk.getFailure();
    }
    writing = chunk;
    boolean last = chunk.isLast();
    if (!last) {
      next = source.read();
      last = next != null && next.isLast() && !next.hasRemaining();
    }
    return write(last, chunk.getByteBuffer());
  }

  private Action awaitMore() {
    source.demand(Invocable.from(InvocationType.NON_BLOCKING, this::iterate));
    return Action.IDLE;
  }

  private Action write(boolean last, ByteBuffer buffer) {
    if (!begun) {
      begun = true;
      if (!listener.begin()) {
        return Action.IDLE;
      }
    }
    lastWritten = last;
    response.write(last, buffer, this);
    return Action.SCHEDULED;
  }

  @Override
  protected void onSuccess() {
    release();
  }

  private void release() {
    if (writing != null) {
      writing.release();
      writing = null;
    }
  }

  @Override
  protected void onCompleteSuccess() {
    listener.copied();
  }

  @Override
  protected void onCompleteFailure(Throwable failure) {
    release();
    if (next != null) {
      next.release();
      next = null;
    }
    if (sourceFailed) {
      listener.sourceFailed(failure);
    } else {
      listener.clientFailed(failure);
    }
  }
}
