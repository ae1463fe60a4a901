package io.culvert;

import io.culvert.connection.Connection;
import io.culvert.connection.Delivered;
import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The connection that a {@link SocketConnection} has at the moment. A dialer that reconnects puts a
 * new one in its place; streams opened meanwhile wait for it.
 */
final class CurrentConnection implements StreamConnection {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by lock. Null until the first is there; stays when it has ended, for its identity. */
  private Connection connection;

  /** Guarded by lock. No other connection will come. */
  private boolean last;

  /** Guarded by lock. Null until decided. */
  private StreamHandler handler;

  private boolean handlerSet;

  void attach(Connection next) {
    lock.lock();
    try {
      connection = next;
      if (handlerSet) {
        next.streamHandler(handler);
      }
      changed.signalAll(); // streams can be opened again
    } finally {
      lock.unlock();
    }
  }

  /** No further connection will be attached. */
  void last() {
    lock.lock();
    try {
      last = true;
      changed.signalAll(); // nothing to wait for any more
    } finally {
      lock.unlock();
    }
  }

  /** The latest connection; null before the first. */
  Connection get() {
    lock.lock();
    try {
      return connection;
    } finally {
      lock.unlock();
    }
  }

  boolean isLast() {
    lock.lock();
    try {
      return last;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean accepting() {
    Connection now = get();
    return now != null && now.accepting();
  }

  @Override
  public TunnelStream open(Map<String, String> attributes, Duration timeout) throws IOException {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (true) {
      Connection usable = awaitUsable(deadline);
      Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
      try {
        return usable.open(attributes, left);
      } catch (TunnelException e) {
        // It ended between the look and the call: nothing was sent, so the next one may serve.
        if (usable.accepting() || isLast()) {
          throw e;
        }
      }
    }
  }

  private Connection awaitUsable(long deadline) throws IOException {
    lock.lock();
    try {
      while (connection == null || !connection.accepting()) {
        if (last && connection != null) {
          return connection; // its open() says best why there is no stream
        }
        long left = deadline - System.nanoTime();
        if (left <= 0 || last) {
          throw new TunnelException(
              ErrorCode.CONNECTION_LOST,
              Delivered.NO,
              last
                  ? "the connection has ended"
                  : "the connection is broken, and dialing again did not succeed in time",
              null);
        }
        long unused = changed.awaitNanos(left);
      }
      return connection;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a connection");
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void streamHandler(StreamHandler streamHandler) {
    // Handed on under the lock, or of two calls, or of a call and attach(), the older could win.
    lock.lock();
    try {
      if (connection != null) {
        connection.streamHandler(streamHandler); // may throw: then nothing has changed
      }
      handler = streamHandler;
      handlerSet = true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean oneExchangeAtATime() {
    Connection now = get();
    return now != null && now.oneExchangeAtATime();
  }

  @Override
  public boolean resumable() {
    Connection now = get();
    return now != null && now.resumable();
  }

  /** Of the connection that there is now; those before are over, and so are their streams. */
  @Override
  public long outageNanos() {
    Connection now = get();
    return now == null ? 0 : now.outageNanos();
  }

  @Override
  public String id() {
    return required().id();
  }

  @Override
  public Map<String, String> metadata() {
    return required().metadata();
  }

  @Override
  public boolean dialer() {
    return required().dialer();
  }

  @Override
  public SocketAddress remoteAddress() {
    return required().remoteAddress();
  }

  @Override
  public SocketAddress localAddress() {
    return required().localAddress();
  }

  @Override
  public boolean secure() {
    return required().secure();
  }

  private Connection required() {
    Connection now = get();
    if (now == null) {
      throw new IllegalStateException("not connected yet");
    }
    return now;
  }
}
