package io.culvert.swaggersocket;

import io.culvert.connection.BlockingChannel;
import io.culvert.connection.ChannelInputStream;
import io.culvert.connection.ChannelOutputStream;
import io.culvert.connection.Delivered;
import io.culvert.connection.ExchangeStream;
import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Blocking and asynchronous I/O on the one stream of a connection; the two sides of an exchange
 * differ in when bytes go out. The connection's lock guards all state.
 */
abstract class SwaggerStream implements ExchangeStream, BlockingChannel {
  final SwaggerDriver driver;
  final Gathered gathered = new Gathered();

  private final int id;
  private final ReentrantLock lock;
  private final Waker readers;
  private final Waker writers;
  private final Waker owners;
  private final InputStream input = new ChannelInputStream(this);
  private final OutputStream output = new ChannelOutputStream(this);

  private volatile long readTimeoutNanos;
  private long received;
  private long written;

  /** Of what was written, what the WebSocket has been given. */
  private long handed;

  private boolean hasRead;
  private boolean inputShut;
  private boolean outputShut;

  /** This side has called close() or reset(). */
  private boolean closed;

  SwaggerStream(SwaggerDriver driver, int id) {
    this.driver = driver;
    this.id = id;
    this.lock = driver.lock();
    this.readers = new Waker(driver);
    this.writers = new Waker(driver);
    this.owners = new Waker(driver);
  }

  // What the sides do differently; the lock is held.

  /** Whether a write has to wait. */
  abstract boolean full();

  /**
   * How many of the bytes a write takes now.
   *
   * @throws IOException if no write will take them
   */
  abstract int takes(int wanted) throws IOException;

  /** A write has taken bytes. */
  abstract void taken();

  /** The owner wants to read: whatever has to go out before that. */
  abstract void beforeRead() throws IOException;

  /** No more bytes will be written. */
  abstract void outputEnds();

  /** The owner is done with the stream. */
  abstract void ends(ErrorCode code);

  // Events; the lock is held.

  final void arrived(long bytes) {
    received += bytes;
    readers.wake();
  }

  final void handed(int bytes) {
    handed += bytes;
  }

  final void wakeReaders() {
    readers.wake();
  }

  /** Nothing more will come on this stream if nothing more goes: nobody else would end it. */
  final void endInputWithOutput() {
    inputShut |= outputShut;
  }

  final void wakeWriters() {
    writers.wake();
  }

  /** The stream or the connection has ended. */
  final void wakeAll() {
    readers.wake();
    writers.wake();
    owners.wake();
  }

  // Reading.

  @Override
  public final int read(ByteBuffer target) throws IOException {
    lock.lock();
    try {
      beforeRead();
      return readNow(target);
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public final void whenReadable(Runnable wake) {
    lock.lock();
    try {
      beforeRead();
      readers.callBack(readWouldWait(), wake);
    } catch (IOException e) {
      driver.wakeLater(wake); // a read says why
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public final void readTimeout(Duration timeout) {
    readTimeoutNanos = timeout.toNanos();
  }

  @Override
  public final int readBlocking(ByteBuffer target) throws IOException {
    sendBeforeRead();
    lock.lock();
    try {
      readers.awaitWhile(this::readWouldWait, readTimeoutNanos);
      return readNow(target);
    } finally {
      driver.leave(true);
    }
  }

  /** On its own, because messages go out when the lock is given up for good, not in a wait. */
  private void sendBeforeRead() throws IOException {
    lock.lock();
    try {
      beforeRead();
    } finally {
      driver.leave(true);
    }
  }

  private boolean readWouldWait() {
    return driver.input().unread() == 0 && !inputShut && !closed && driver.end() == null;
  }

  private int readNow(ByteBuffer target) throws IOException {
    if (closed) {
      throw streamClosed();
    }
    if (inputShut) {
      return -1;
    }
    if (driver.input().unread() > 0) {
      hasRead = true;
      return driver.input().read(target);
    }
    if (driver.end() != null) {
      throw driver.connection().failure(deliveredNow());
    }
    return 0;
  }

  @Override
  public final int available() {
    return driver.locked(this::availableNow);
  }

  private int availableNow() {
    return closed || inputShut ? 0 : (int) Math.min(driver.input().unread(), Integer.MAX_VALUE);
  }

  // Writing.

  @Override
  public final int write(ByteBuffer source) throws IOException {
    lock.lock();
    try {
      return writeNow(source);
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public final void whenWritable(Runnable wake) {
    lock.lock();
    try {
      writers.callBack(writeWouldWait(), wake);
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public final void writeBlocking(ByteBuffer source) throws IOException {
    do {
      lock.lock();
      try {
        writers.awaitWhile(this::writeWouldWait, 0);
        writeNow(source);
      } finally {
        driver.leave(true); // sends what was taken, so it must come before the next wait
      }
    } while (source.hasRemaining());
  }

  private boolean writeWouldWait() {
    return canWrite() && full();
  }

  private boolean canWrite() {
    return !closed && !outputShut && driver.end() == null;
  }

  private int writeNow(ByteBuffer source) throws IOException {
    if (closed) {
      throw streamClosed();
    }
    if (driver.end() != null) {
      throw driver.connection().failure(deliveredNow());
    }
    if (outputShut) {
      throw new SocketException("the stream's output is shut down");
    }
    int count = takes(source.remaining());
    gathered.add(source, count);
    written += count;
    taken();
    return count;
  }

  // Ends.

  @Override
  public final void whenGivenUp(Runnable wake) {
    lock.lock();
    try {
      owners.callBack(!closed && driver.end() == null, wake);
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public final void shutdownOutput() throws IOException {
    lock.lock();
    try {
      if (!outputShut && !closed) {
        if (driver.end() != null) {
          throw driver.connection().failure(deliveredNow());
        }
        outputEnds();
        outputShut = true;
        writers.wake();
      }
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public final void shutdownInput() {
    lock.lock();
    try {
      inputShut = true;
      readers.wake();
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public final void close() {
    end(ErrorCode.NO_ERROR);
  }

  @Override
  public final void reset(ErrorCode code) {
    end(code);
  }

  private void end(ErrorCode code) {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        ends(code);
        wakeAll();
      }
    } finally {
      driver.leave(true);
    }
  }

  // State.

  @Override
  public final int id() {
    return id;
  }

  /** Empty: the protocol has no place for them. */
  @Override
  public final Map<String, String> attributes() {
    return Map.of();
  }

  @Override
  public final InputStream inputStream() {
    return input;
  }

  @Override
  public final OutputStream outputStream() {
    return output;
  }

  /** Never: the protocol cannot say that one direction has ended. */
  @Override
  public final boolean finReceived() {
    return false;
  }

  @Override
  public final boolean inputEnded() {
    return driver.locked(
        () -> closed || inputShut || (driver.input().unread() == 0 && driver.end() != null));
  }

  @Override
  public final boolean outputEnded() {
    return driver.locked(() -> !canWrite());
  }

  @Override
  public final int unsentBytes() {
    return driver.locked(() -> (int) (written - handed));
  }

  @Override
  public final boolean closed() {
    return driver.locked(() -> closed || driver.end() != null);
  }

  @Override
  public final Delivered delivered() {
    return driver.locked(this::deliveredNow);
  }

  @Override
  public final TunnelException failure() {
    return driver.locked(
        () -> driver.end() == null ? null : driver.connection().failure(deliveredNow()));
  }

  /** The lock is held. */
  final Delivered deliveredNow() {
    if (handed == 0) {
      return Delivered.NO;
    }
    return received > 0 ? Delivered.YES : Delivered.UNKNOWN;
  }

  /** Whether anything was ever written; the lock is held. */
  final boolean hasWritten() {
    return written > 0;
  }

  /** Whether anything was ever read; the lock is held. */
  final boolean hasRead() {
    return hasRead;
  }

  @Override
  public final long bytesReceived() {
    return driver.locked(() -> received);
  }

  @Override
  public final long bytesWritten() {
    return driver.locked(() -> written);
  }

  @Override
  public final StreamConnection connection() {
    return driver.connection();
  }

  @Override
  public final String toString() {
    return "stream " + id;
  }

  private static SocketException streamClosed() {
    return new SocketException("stream closed");
  }
}
