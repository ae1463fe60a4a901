package io.culvert.jetty;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * A socket whose end can be noticed while nobody reads from it: Jetty reads nothing while it waits
 * for an answer. To see an end means to read, so a few bytes may be read ahead: they are kept, and
 * come first when somebody reads. If more than those come before the end, it is not noticed.
 */
public final class WatchedEndPoint extends SocketEndPoint {
  /** Enough for what TLS says last, before the socket is closed. */
  private static final int AHEAD_BYTES = 512;

  private final Executor executor;
  private final Object reading = new Object();

  // Guarded by reading. Holding it, nothing is waited for.

  /** What was read ahead, from its position on; null if nothing was. */
  private ByteBuffer ahead;

  /** Null while nobody watches. */
  private Runnable onEnd;

  /**
   * @param executor runs what is called on an end, and readers for whom something was read ahead
   */
  public WatchedEndPoint(
      SocketChannel channel,
      ManagedSelector selector,
      SelectionKey key,
      Scheduler scheduler,
      Executor executor) {
    super(channel, selector, key, scheduler);
    this.executor = executor;
  }

  /**
   * Calls the task at most once, when the peer has ended or cut the connection and nobody reads
   * from it; it may block. In place of the one that was given before.
   */
  public void watch(Runnable task) {
    synchronized (reading) {
      onEnd = Objects.requireNonNull(task, "task");
    }
    super.needsFillInterest();
  }

  /** The task is not to be called any more; it may be running. Without effect on another one. */
  public void unwatch(Runnable task) {
    synchronized (reading) {
      if (task.equals(onEnd)) {
        onEnd = null;
      }
    }
  }

  @Override
  public Runnable onSelected() {
    Runnable selected = super.onSelected();
    synchronized (reading) {
      if (selected == null || onEnd == null || isFillInterested()) {
        return selected;
      }
    }
    return () -> {
      selected.run();
      look();
    };
  }

  private void look() {
    Runnable end;
    synchronized (reading) {
      if (onEnd == null || isFillInterested()) {
        return; // whoever reads sees the end himself
      }
      if (!readAhead()) {
        end = onEnd;
        onEnd = null;
      } else if (ahead.limit() < AHEAD_BYTES) {
        end = super::needsFillInterest;
      } else {
        return;
      }
    }
    end.run();
  }

  /** False: there is an end. */
  private boolean readAhead() {
    ByteBuffer read = ByteBuffer.allocate(AHEAD_BYTES);
    if (ahead != null) {
      read.put(ahead);
    }
    int count;
    try {
      do {
        count = getChannel().read(read);
      } while (count > 0 && read.hasRemaining());
    } catch (IOException e) {
      count = -1;
    }
    ahead = read.flip();
    return count >= 0;
  }

  @Override
  protected void needsFillInterest() {
    boolean there;
    synchronized (reading) {
      there = ahead != null;
    }
    if (there) {
      executor.execute(() -> getFillInterest().fillable());
    } else {
      super.needsFillInterest();
    }
  }

  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    synchronized (reading) {
      if (ahead == null || !ahead.hasRemaining()) {
        ahead = null;
        return super.fill(buffer);
      }
      int position = BufferUtil.flipToFill(buffer);
      int count = BufferUtil.put(ahead, buffer);
      BufferUtil.flipToFlush(buffer, position);
      if (!ahead.hasRemaining()) {
        ahead = null;
      }
      notIdle();
      return count;
    }
  }
}
