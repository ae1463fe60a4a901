package io.culvert.relay.http;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;

/**
 * The body of a client's request, for one attempt to send it after another: what was read is kept,
 * as long as it is little, so that the next attempt gets it again. Thread-safe.
 */
final class RequestBody {
  /** How much of a body is kept for another attempt. */
  static final int REPLAY_BYTES = 64 << 10;

  private final Request request;
  private final Runnable onEnd;

  // Guarded by this object's monitor.

  /** Everything that was read, from the beginning; null once that is more than is kept. */
  private ByteArrayOutputStream kept = new ByteArrayOutputStream(0);

  private long received;

  /** The last chunk was read. */
  private boolean ended;

  /** Why the client's body came to no end; null if it did or may. */
  private Throwable failure;

  /** Null before the first attempt. */
  private Attempt current;

  /** The request is to call {@link #available}, which it must not be asked for twice. */
  private boolean demanded;

  /**
   * @param onEnd called once, when the client's last byte has been read; must not block
   */
  RequestBody(Request request, Runnable onEnd) {
    this.request = request;
    this.onEnd = onEnd;
  }

  /** Bytes that have come from the client. */
  synchronized long received() {
    return received;
  }

  /** Whether the client's last byte has been read. */
  synchronized boolean ended() {
    return ended;
  }

  /** Why the client's body came to no end; null if it did or may. */
  synchronized Throwable failure() {
    return failure;
  }

  /** Whether {@link #attempt} gives a body that begins at its beginning. */
  synchronized boolean replayable() {
    return kept != null;
  }

  /** Nothing will be sent again: what is kept is given up. */
  synchronized void release() {
    kept = null;
  }

  /** The whole body for another attempt; the one before gets nothing more. */
  synchronized org.eclipse.jetty.client.Request.Content attempt() {
    if (kept == null) {
      throw new IllegalStateException("a part of the body is gone");
    }
    current = new Attempt(ByteBuffer.wrap(kept.toByteArray()));
    return current;
  }

  /** Looks whether there is a body at all; what it finds is kept. */
  synchronized boolean isEmpty() {
    if (!ended && received == 0) {
      Content.Chunk chunk = next();
      if (chunk != null) {
        chunk.release();
      }
    }
    return ended && received == 0;
  }

  private synchronized Content.Chunk read(Attempt attempt) {
    if (attempt != current) {
      return Content.Chunk.from(new IllegalStateException("another attempt has the body"));
    }
    if (attempt.again.hasRemaining()) {
      ByteBuffer again = attempt.again.slice();
      attempt.again.position(attempt.again.limit());
      return Content.Chunk.from(again, ended);
    }
    return ended ? Content.Chunk.EOF : next();
  }

  private Content.Chunk next() {
    Content.Chunk chunk = request.read();
    if (chunk == null) {
      return null;
    }
    if (Content.Chunk.isFailure(chunk)) {
      failure = chunk.getFailure();
      return chunk;
    }
    received += chunk.remaining();
    ended = chunk.isLast();
    if (ended) {
      onEnd.run();
    }
    if (kept != null && received > REPLAY_BYTES) {
      kept = null;
    }
    if (kept != null && chunk.hasRemaining()) {
      byte[] copy = new byte[chunk.remaining()];
      chunk.getByteBuffer().duplicate().get(copy);
      kept.write(copy, 0, copy.length);
    }
    return chunk;
  }

  private void demand(Attempt attempt, Runnable wake) {
    boolean there;
    synchronized (this) {
      attempt.wake = wake;
      there = attempt != current || attempt.again.hasRemaining() || ended;
      if (!there && demanded) {
        return;
      }
      demanded |= !there;
    }
    if (there) {
      attempt.wake();
    } else {
      request.demand(this::available);
    }
  }

  private void available() {
    Attempt waiting;
    synchronized (this) {
      demanded = false;
      waiting = current;
    }
    waiting.wake();
  }

  private final class Attempt implements org.eclipse.jetty.client.Request.Content {
    /** What an attempt before has read. */
    private final ByteBuffer again;

    /** Who waits for more; null if nobody. */
    private Runnable wake;

    Attempt(ByteBuffer again) {
      this.again = again;
    }

    void wake() {
      Runnable waiting;
      synchronized (RequestBody.this) {
        waiting = wake;
        wake = null;
      }
      if (waiting != null) {
        waiting.run();
      }
    }

    @Override
    public long getLength() {
      return request.getLength();
    }

    @Override
    public String getContentType() {
      return null;
    }

    @Override
    public Content.Chunk read() {
      return RequestBody.this.read(this);
    }

    @Override
    public void demand(Runnable available) {
      RequestBody.this.demand(this, available);
    }

    /** The attempt has failed, not the client's request. */
    @Override
    public void fail(Throwable failure) {}
  }
}
