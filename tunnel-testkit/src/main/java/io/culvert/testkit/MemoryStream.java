package io.culvert.testkit;

import io.culvert.connection.Delivered;
import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One end of a stream of {@link MemoryConnections}; the methods named on… are the peer's frames.
 */
final class MemoryStream implements TunnelStream {
  private static final int FRAME = 16 << 10;

  private final MemoryConnection connection;
  private final int id;
  private final Map<String, String> attributes;
  private final boolean opener;
  private final InputStream input = new MemoryStreamIo.Input(this);
  private final OutputStream output = new MemoryStreamIo.Output(this);

  private final ReentrantLock lock = new ReentrantLock();

  /** Signalled when {@link #read} would no longer return 0. */
  private final Condition readable = lock.newCondition();

  /** Signalled when {@link #write} would no longer return 0. */
  private final Condition writable = lock.newCondition();

  /** Set once, before anybody else sees this object. */
  private MemoryStream peer;

  // Everything below is guarded by lock.
  private final ByteQueue unsent = new ByteQueue();
  private final ByteQueue unread = new ByteQueue();
  private long credit;
  private long written;
  private long handedOver;
  private long received;
  private boolean outputShut;
  private boolean finSent;
  private boolean finReceived;
  private boolean inputShut;
  private boolean stopReceived;
  private boolean closed;
  private boolean released;
  private ErrorCode failure;
  private String failureMessage;

  /** {@link #failure} is this side's own. */
  private boolean resetHere;

  /** What was unsent when the stream failed, for {@link #unsentBytes}. */
  private int unsentAtFailure;

  private Runnable readWake;
  private Runnable writeWake;
  private Runnable givenUpWake;
  private long readTimeoutNanos;

  MemoryStream(
      MemoryConnection connection, int id, Map<String, String> attributes, boolean opener) {
    this.connection = connection;
    this.id = id;
    this.attributes = attributes;
    this.opener = opener;
    credit = connection.sizes().window();
  }

  void join(MemoryStream other) {
    peer = other;
  }

  @Override
  public int id() {
    return id;
  }

  @Override
  public Map<String, String> attributes() {
    return attributes;
  }

  @Override
  public InputStream inputStream() {
    return input;
  }

  @Override
  public OutputStream outputStream() {
    return output;
  }

  @Override
  public void readTimeout(Duration timeout) {
    locked(() -> readTimeoutNanos = timeout.toNanos());
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    lock.lock();
    try {
      if (closed) {
        throw new SocketException("stream closed");
      }
      throwFailure();
      int count = unread.moveTo(target);
      if (count > 0) {
        peer.connection.onReader(() -> peer.onCredit(count));
        return count;
      }
      return inputShut || (finReceived && unread.size() == 0) ? -1 : 0;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Blocks until {@link #read} gives something, the read timeout passes or the thread is
   * interrupted.
   */
  int readBlocking(ByteBuffer target) throws IOException {
    lock.lock();
    try {
      long left = readTimeoutNanos;
      boolean bounded = left > 0;
      while (!readReady()) {
        if (bounded && left <= 0) {
          throw new SocketTimeoutException("read timed out");
        }
        // Woken by data, the end, a failure or close.
        if (bounded) {
          left = readable.awaitNanos(left);
        } else {
          readable.await();
        }
      }
      return read(target);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while reading");
    } finally {
      lock.unlock();
    }
  }

  int available() {
    return get(unread::size);
  }

  @Override
  public void whenReadable(Runnable wake) {
    lock.lock();
    try {
      if (!readReady()) {
        readWake = wake;
        return;
      }
      readWake = null;
    } finally {
      lock.unlock();
    }
    wake.run();
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    lock.lock();
    try {
      checkWritable();
      int count = Math.min(source.remaining(), connection.sizes().sendBuffer() - unsent.size());
      unsent.add(source, count);
      written += count;
      transmit();
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Blocks until the send buffer has taken everything. */
  void writeBlocking(ByteBuffer source) throws IOException {
    lock.lock();
    try {
      while (source.hasRemaining()) {
        if (write(source) == 0) {
          // Woken by room in the buffer, STOP, a failure or close.
          writable.await();
        }
      }
      checkWritable();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while writing");
    } finally {
      lock.unlock();
    }
  }

  private void checkWritable() throws IOException {
    if (closed) {
      throw new SocketException("stream closed");
    }
    throwFailure();
    if (outputShut) {
      throw new SocketException("output was shut down");
    }
    if (stopReceived) {
      throw new TunnelException(
          ErrorCode.CANCELLED, delivered(), "the peer has stopped reading", null);
    }
  }

  @Override
  public void whenWritable(Runnable wake) {
    lock.lock();
    try {
      if (!writeReady()) {
        writeWake = wake;
        return;
      }
      writeWake = null;
    } finally {
      lock.unlock();
    }
    wake.run();
  }

  @Override
  public void whenGivenUp(Runnable wake) {
    lock.lock();
    try {
      if (!givenUp()) {
        givenUpWake = wake;
        return;
      }
    } finally {
      lock.unlock();
    }
    wake.run();
  }

  private boolean givenUp() {
    return closed || stopReceived || failure != null;
  }

  /** Hands over what the peer's window takes, then the FIN if it is due. */
  void transmit() {
    lock.lock();
    try {
      if (connection.held() || failure != null || stopReceived) {
        return;
      }
      while (unsent.size() > 0 && credit > 0) {
        byte[] bytes = unsent.take((int) Math.min(Math.min(FRAME, credit), unsent.size()));
        credit -= bytes.length;
        handedOver += bytes.length;
        peer.connection.onReader(() -> peer.onData(bytes));
      }
      if (outputShut && !finSent && unsent.size() == 0) {
        finSent = true;
        peer.connection.onReader(peer::onFin);
        forgetIfDone();
      }
      wake();
    } finally {
      lock.unlock();
    }
  }

  private void onData(byte[] bytes) {
    lock.lock();
    try {
      received += bytes.length;
      if (failure == null && !inputShut) {
        unread.add(bytes);
      } else {
        peer.connection.onReader(() -> peer.onCredit(bytes.length));
      }
      wake();
    } finally {
      lock.unlock();
    }
  }

  private void onFin() {
    lock.lock();
    try {
      finReceived = true;
      wake();
    } finally {
      lock.unlock();
    }
  }

  private void onCredit(int count) {
    lock.lock();
    try {
      credit += count;
      transmit();
    } finally {
      lock.unlock();
    }
  }

  private void onStop() {
    lock.lock();
    try {
      if (finSent) {
        return;
      }
      stopReceived = true;
      finSent = true;
      unsent.clear();
      peer.connection.onReader(peer::onFin);
      forgetIfDone();
      wake();
    } finally {
      lock.unlock();
    }
  }

  /** The peer's RESET, or the end of the connection. */
  void onFailure(ErrorCode code, String message) {
    lock.lock();
    try {
      if (failure != null || (closed && finSent)) {
        return;
      }
      fail(code, message);
    } finally {
      lock.unlock();
    }
  }

  private void fail(ErrorCode code, String message) {
    failure = code;
    failureMessage = message;
    unsentAtFailure = unsent.size();
    unsent.clear();
    unread.clear();
    forgetIfDone();
    wake();
  }

  @Override
  public void shutdownOutput() throws IOException {
    lock.lock();
    try {
      throwFailure();
      outputShut = true;
      transmit();
      wake();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void shutdownInput() {
    lock.lock();
    try {
      if (inputShut || failure != null) {
        return;
      }
      inputShut = true;
      unread.clear();
      if (!finReceived) {
        peer.connection.onReader(peer::onStop);
      }
      wake();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        outputShut = true;
        shutdownInput();
        transmit();
        release();
        wake();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reset(ErrorCode code) {
    lock.lock();
    try {
      if (failure == null && !(closed && finSent)) {
        peer.connection.onReader(() -> peer.onFailure(code, "the peer reset the stream"));
        resetHere = true;
        fail(code, "the stream was reset by this side");
      }
      closed = true;
      release();
      wake();
    } finally {
      lock.unlock();
    }
  }

  /** The owner is done: counted once, whatever became of the stream before. */
  private void release() {
    if (!released) {
      released = true;
      if (!opener) {
        connection.giveStreamCredit();
      }
      forgetIfDone();
    }
  }

  private void forgetIfDone() {
    if (released && (finSent || failure != null)) {
      connection.forget(this);
    }
  }

  /** Wakes whoever waits for what has come true. Asynchronous wake-ups run on the reader thread. */
  private void wake() {
    if (readReady()) {
      readable.signalAll();
      if (readWake != null) {
        connection.onReader(readWake);
        readWake = null;
      }
    }
    if (givenUpWake != null && givenUp()) {
      connection.onReader(givenUpWake);
      givenUpWake = null;
    }
    if (writeReady()) {
      writable.signalAll();
      if (writeWake != null) {
        connection.onReader(writeWake);
        writeWake = null;
      }
    }
  }

  private boolean readReady() {
    return unread.size() > 0 || finReceived || inputShut || closed || failure != null;
  }

  private boolean writeReady() {
    return outputEnded() || unsent.size() < connection.sizes().sendBuffer();
  }

  private void throwFailure() throws TunnelException {
    if (failure != null) {
      throw failureNow();
    }
  }

  private TunnelException failureNow() {
    return new TunnelException(failure, delivered(), failureMessage, null);
  }

  @Override
  public TunnelException failure() {
    return get(() -> failure == null || resetHere ? null : failureNow());
  }

  @Override
  public boolean finReceived() {
    return get(() -> finReceived);
  }

  @Override
  public boolean inputEnded() {
    return get(() -> closed || inputShut || failure != null || (finReceived && unread.size() == 0));
  }

  @Override
  public boolean outputEnded() {
    return get(() -> closed || outputShut || stopReceived || failure != null);
  }

  @Override
  public int unsentBytes() {
    return get(() -> failure == null ? unsent.size() : unsentAtFailure);
  }

  @Override
  public boolean stalled() {
    return get(() -> unsent.size() > credit);
  }

  @Override
  public boolean closed() {
    return get(() -> closed || failure != null);
  }

  @Override
  public Delivered delivered() {
    return get(
        () -> {
          if (handedOver == 0 || (failure != null && failure.promisesNotProcessed())) {
            return Delivered.NO;
          }
          return received > 0 ? Delivered.YES : Delivered.UNKNOWN;
        });
  }

  @Override
  public long bytesReceived() {
    return get(() -> received);
  }

  @Override
  public long bytesWritten() {
    return get(() -> written);
  }

  @Override
  public StreamConnection connection() {
    return connection;
  }

  private void locked(Runnable change) {
    lock.lock();
    try {
      change.run();
    } finally {
      lock.unlock();
    }
  }

  private <T> T get(java.util.function.Supplier<T> field) {
    lock.lock();
    try {
      return field.get();
    } finally {
      lock.unlock();
    }
  }
}
