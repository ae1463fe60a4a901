package io.culvert.demo;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/**
 * One reader of the feed: a bounded queue of events and the response they are written to, without
 * blocking and without a thread. A reader that falls behind is ended, never skipped over.
 *
 * <p>Any thread may call any method.
 */
final class EventReader implements WriteListener, AsyncListener {
  private final int maxQueuedBytes;
  private final Consumer<EventReader> onGone;

  /**
   * Guards the queue and the fields below it. Innermost lock: nothing is called while it is held.
   */
  private final ReentrantLock lock = new ReentrantLock();

  private final Deque<byte[]> queue = new ArrayDeque<>();
  private int queuedBytes;
  private long eventsLeft;

  /** Nothing is taken any more; what is queued is still written. */
  private boolean ending;

  /** Null until {@link #start}. */
  private volatile AsyncContext async;

  /**
   * True once the container has called {@link #onWritePossible}: before that a write would block.
   */
  private volatile boolean writable;

  private volatile boolean gone;

  /**
   * How many calls of {@link #drain} are not answered yet. Whoever raises it from 0 writes, so only
   * one thread does.
   */
  private final AtomicInteger drains = new AtomicInteger();

  /**
   * Written bytes are not flushed. Touched by the writing thread alone; true at first, to send the
   * headers.
   */
  private boolean unflushed = true;

  EventReader(int maxQueuedBytes, long maxEvents, Consumer<EventReader> onGone) {
    this.maxQueuedBytes = maxQueuedBytes;
    this.eventsLeft = maxEvents;
    this.onGone = onGone;
  }

  /** Begins to write to the response of the request, and completes it in the end. */
  void start(HttpServletRequest request) throws IOException {
    boolean started = false;
    try {
      AsyncContext context = request.startAsync();
      // A feed may be silent for as long as no pet changes.
      context.setTimeout(0);
      async = context;
      context.addListener(this);
      context.getResponse().getOutputStream().setWriteListener(this);
      started = true;
    } finally {
      if (!started) {
        leave();
      }
    }
  }

  /** Queues an event, or ends the reader if it is too far behind. Does no I/O. */
  void offer(byte[] frame) {
    lock.lock();
    try {
      if (ending) {
        return;
      }
      if (queuedBytes + frame.length > maxQueuedBytes) {
        ending = true;
        return;
      }
      queue.add(frame);
      queuedBytes += frame.length;
      ending = --eventsLeft == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more events; {@link #drain} completes the response behind those already queued. */
  void end() {
    lock.lock();
    try {
      ending = true;
    } finally {
      lock.unlock();
    }
  }

  /** Writes as much as the response takes without blocking. */
  void drain() {
    if (!writable || drains.getAndIncrement() != 0) {
      return;
    }
    int answered = 1;
    do {
      try {
        write(async.getResponse().getOutputStream());
      } catch (IOException | RuntimeException e) {
        // The container also reports the failure to onError; here only the reader is gone.
        leave();
      }
      answered = drains.addAndGet(-answered);
    } while (answered != 0);
  }

  private void write(ServletOutputStream out) throws IOException {
    // After isReady has answered false the container calls onWritePossible, which drains again.
    while (!gone && out.isReady()) {
      if (unflushed) {
        unflushed = false;
        out.flush();
        continue;
      }
      byte[] frame = poll();
      if (frame != null) {
        unflushed = true;
        out.write(frame);
      } else {
        if (finished()) {
          leave();
          async.complete();
        }
        return;
      }
    }
  }

  private byte[] poll() {
    lock.lock();
    try {
      byte[] frame = queue.poll();
      if (frame != null) {
        queuedBytes -= frame.length;
      }
      return frame;
    } finally {
      lock.unlock();
    }
  }

  private boolean finished() {
    lock.lock();
    try {
      return ending && queue.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    gone = true;
    end();
    onGone.accept(this);
  }

  @Override
  public void onWritePossible() {
    writable = true;
    drain();
  }

  @Override
  public void onError(Throwable failure) {
    leave();
    async.complete();
  }

  @Override
  public void onComplete(AsyncEvent event) {
    leave();
  }

  @Override
  public void onError(AsyncEvent event) {
    leave();
  }

  @Override
  public void onTimeout(AsyncEvent event) {
    leave();
  }

  @Override
  public void onStartAsync(AsyncEvent event) {
    // A feed is started once and never dispatched again.
  }
}
