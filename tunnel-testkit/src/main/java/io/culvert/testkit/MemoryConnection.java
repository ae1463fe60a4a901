package io.culvert.testkit;

import io.culvert.connection.Delivered;
import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** One side of {@link MemoryConnections}. */
final class MemoryConnection implements StreamConnection {
  private final String id;
  private final Map<String, String> metadata;
  private final boolean dialer;
  private final boolean secure;
  private final MemoryConnections.Sizes sizes;
  private final ExecutorService reader;
  private final Set<MemoryStream> streams = ConcurrentHashMap.newKeySet();

  private final ReentrantLock lock = new ReentrantLock();

  /** Signalled when stream credit comes, and when the connection ends. */
  private final Condition credited = lock.newCondition();

  // Guarded by lock.
  private int nextId;
  private int credit;
  private TunnelException ended;

  private volatile StreamHandler handler;
  private volatile boolean held;
  private volatile long outageNanos;

  /** Set once, before anybody else sees this object. */
  private MemoryConnection peer;

  MemoryConnection(
      String id,
      Map<String, String> metadata,
      boolean dialer,
      boolean secure,
      MemoryConnections.Sizes sizes) {
    this.id = id;
    this.metadata = metadata;
    this.dialer = dialer;
    this.secure = secure;
    this.sizes = sizes;
    nextId = dialer ? 1 : 2;
    credit = sizes.streams();
    String name = "memory-reader-" + (dialer ? "dialer" : "acceptor");
    reader =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  void join(MemoryConnection other) {
    peer = other;
  }

  MemoryConnections.Sizes sizes() {
    return sizes;
  }

  Set<MemoryStream> streams() {
    return streams;
  }

  long unsent() {
    return streams.stream().mapToLong(MemoryStream::unsentBytes).sum();
  }

  boolean held() {
    return held;
  }

  void hold(boolean hold) {
    held = hold;
    if (!hold) {
      streams.forEach(MemoryStream::transmit);
    }
  }

  /** Runs something on this side's reader thread, after all that was given to it before. */
  void onReader(Runnable task) {
    try {
      reader.execute(task);
    } catch (RejectedExecutionException e) {
      // The pair is closed, and every stream has failed before that.
    }
  }

  void forget(MemoryStream stream) {
    streams.remove(stream);
  }

  /** The peer's handler is done with a stream that this side opened. Runs on the reader thread. */
  void onStreamCredit() {
    lock.lock();
    try {
      credit++;
      credited.signal();
    } finally {
      lock.unlock();
    }
  }

  void giveStreamCredit() {
    peer.onReader(peer::onStreamCredit);
  }

  void fail(ErrorCode code, String message) {
    lock.lock();
    try {
      if (ended == null) {
        ended = new TunnelException(code, Delivered.NO, message, null);
      }
      credited.signalAll();
    } finally {
      lock.unlock();
    }
    streams.forEach(stream -> stream.onFailure(code, message));
  }

  void stop() {
    reader.shutdown();
  }

  void outage(long nanos) {
    outageNanos = nanos;
  }

  @Override
  public long outageNanos() {
    return outageNanos;
  }

  @Override
  public boolean accepting() {
    lock.lock();
    try {
      return ended == null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public Map<String, String> metadata() {
    return metadata;
  }

  @Override
  public boolean dialer() {
    return dialer;
  }

  @Override
  public SocketAddress remoteAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), dialer ? 7000 : 7001);
  }

  @Override
  public SocketAddress localAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), dialer ? 7001 : 7000);
  }

  @Override
  public boolean secure() {
    return secure;
  }

  @Override
  public TunnelStream open(Map<String, String> attributes, Duration timeout) throws IOException {
    Map<String, String> copy = Map.copyOf(attributes);
    MemoryStream mine;
    MemoryStream theirs;
    lock.lock();
    try {
      awaitCredit(timeout);
      credit--;
      mine = new MemoryStream(this, nextId, copy, true);
      theirs = new MemoryStream(peer, nextId, copy, false);
      mine.join(theirs);
      theirs.join(mine);
      nextId += 2;
      streams.add(mine);
      // Under the lock, so that the peer sees the streams in the order of their ids.
      peer.onReader(() -> peer.onOpen(theirs));
    } finally {
      lock.unlock();
    }
    return mine;
  }

  private void awaitCredit(Duration timeout) throws IOException {
    long left = timeout.toNanos();
    while (ended == null && credit == 0) {
      if (left <= 0) {
        throw new TunnelException(
            ErrorCode.LIMIT_EXCEEDED,
            Delivered.NO,
            "no stream credit within " + timeout + "; the peer allows " + sizes.streams(),
            null);
      }
      try {
        left = credited.awaitNanos(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while waiting for stream credit");
      }
    }
    if (ended != null) {
      throw new TunnelException(ended.code(), Delivered.NO, "the connection has ended", ended);
    }
  }

  private void onOpen(MemoryStream stream) {
    StreamHandler current = handler;
    if (current == null) {
      stream.reset(ErrorCode.REFUSED);
      return;
    }
    streams.add(stream);
    lock.lock();
    try {
      if (ended != null) {
        stream.onFailure(ended.code(), "the connection has ended");
      }
    } finally {
      lock.unlock();
    }
    current.onStream(stream);
  }

  @Override
  public void streamHandler(StreamHandler newHandler) {
    handler = newHandler;
  }
}
