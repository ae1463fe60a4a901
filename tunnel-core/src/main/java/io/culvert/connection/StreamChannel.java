package io.culvert.connection;

import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import io.culvert.stream.Stream;
import io.culvert.stream.Streams;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** Blocking and asynchronous I/O on one stream. The connection's lock guards all state. */
final class StreamChannel implements ResumableStream, BlockingChannel {
  private final EngineConnection connection;
  private final ConnectionDriver driver;
  private final Stream stream;
  private final ReentrantLock lock;
  private final Waiters readers;
  private final Waiters writers;
  private final InputStream input = new ChannelInputStream(this);
  private final OutputStream output = new ChannelOutputStream(this);

  private long written;

  /** This side has called close() or reset(). */
  private boolean closed;

  /** Null while nobody waits for the stream to be given up. */
  private Runnable givenUp;

  private StreamChannel(EngineConnection connection, Stream stream) {
    this.connection = connection;
    this.driver = connection.driver();
    this.stream = stream;
    this.lock = driver.lock();
    this.readers = new Waiters(driver);
    this.writers = new Waiters(driver);
  }

  /** Lock held: the channel of a stream that has none yet. */
  static StreamChannel of(EngineConnection connection, Stream stream) {
    StreamChannel channel = new StreamChannel(connection, stream);
    stream.owner(channel);
    return channel;
  }

  Stream stream() {
    return stream;
  }

  // Engine events; the lock is held.

  void wakeReaders() {
    readers.wakeAll();
  }

  /** Comes with everything that gives a stream up, too. */
  void wakeWriters() {
    writers.wakeAll();
    if (givenUp != null && hasBeenGivenUp()) {
      driver.wakeLater(givenUp);
      givenUp = null;
    }
  }

  /** The connection has a WebSocket again. */
  void clocksGoOn() {
    readers.clocksGoOn();
    writers.clocksGoOn();
  }

  // Reading.

  @Override
  public int read(ByteBuffer target) throws IOException {
    lock.lock();
    try {
      return readNow(target);
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void whenReadable(Runnable wake) {
    lock.lock();
    try {
      if (readWouldWait()) {
        readers.wakeLater(wake);
      } else {
        driver.wakeLater(wake);
      }
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void readTimeout(Duration timeout) {
    readers.bound(timeout, false);
  }

  @Override
  public void attachedReadTimeout(Duration timeout) {
    readers.bound(timeout, true);
  }

  @Override
  public void attachedWriteTimeout(Duration timeout) {
    writers.bound(timeout, true);
  }

  @Override
  public int readBlocking(ByteBuffer target) throws IOException {
    Waiters.Waiting waiting = readers.begin();
    lock.lock();
    try {
      waiting.awaitWhile(this::readWouldWait, "no byte arrived");
      return readNow(target);
    } catch (InterruptedException e) {
      throw interrupted("reading");
    } finally {
      driver.leave(true);
    }
  }

  private boolean readWouldWait() {
    return stream.readable() == 0
        && !stream.finReceived()
        && !stream.inputShut()
        && !closed
        && stream.failure() == null;
  }

  private int readNow(ByteBuffer target) throws IOException {
    if (closed) {
      throw streamClosed();
    }
    if (stream.readable() > 0) {
      return streams().read(stream, target, driver.runtime().now());
    }
    if (stream.finReceived() || stream.inputShut()) {
      return -1;
    }
    if (stream.failure() != null) {
      throw failureNow();
    }
    return 0;
  }

  // Writing.

  @Override
  public int write(ByteBuffer source) throws IOException {
    lock.lock();
    try {
      return writeNow(source);
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void whenWritable(Runnable wake) {
    lock.lock();
    try {
      if (writeWouldWait()) {
        writers.wakeLater(wake);
      } else {
        driver.wakeLater(wake);
      }
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void writeBlocking(ByteBuffer source) throws IOException {
    Waiters.Waiting waiting = writers.begin();
    do {
      lock.lock();
      try {
        waiting.awaitWhile(this::writeWouldWait, "the peer took no more bytes");
        writeNow(source);
      } catch (InterruptedException e) {
        throw interrupted("writing");
      } finally {
        driver.leave(true); // sends what was taken, so it must come before the next wait
      }
    } while (source.hasRemaining());
  }

  private boolean writeWouldWait() {
    return !streams().hasRoom(stream) && canWrite();
  }

  private boolean canWrite() {
    return !closed && !stream.outputShut() && !stream.outputStopped() && stream.failure() == null;
  }

  private int writeNow(ByteBuffer source) throws IOException {
    if (closed) {
      throw streamClosed();
    }
    if (stream.failure() != null) {
      throw failureNow();
    }
    if (stream.outputStopped()) {
      throw new TunnelException(
          ErrorCode.CANCELLED, delivered(), "the peer has stopped reading the stream", null);
    }
    if (stream.outputShut()) {
      throw new SocketException("the stream's output is shut down");
    }
    int taken = streams().write(stream, source);
    written += taken;
    return taken;
  }

  // Ends.

  @Override
  public void whenGivenUp(Runnable wake) {
    lock.lock();
    try {
      if (hasBeenGivenUp()) {
        driver.wakeLater(wake);
      } else {
        givenUp = wake;
      }
    } finally {
      driver.leave(true);
    }
  }

  private boolean hasBeenGivenUp() {
    return closed || stream.outputStopped() || stream.failure() != null;
  }

  @Override
  public void shutdownOutput() throws IOException {
    lock.lock();
    try {
      if (stream.failure() != null && !stream.outputShut()) {
        throw failureNow();
      }
      streams().finish(stream);
      wakeWriters();
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void shutdownInput() {
    lock.lock();
    try {
      streams().stop(stream);
      wakeReaders();
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      streams().finish(stream);
      streams().stop(stream);
      streams().release(stream);
      wakeReaders();
      wakeWriters();
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void reset(ErrorCode code) {
    lock.lock();
    try {
      closed = true;
      streams().reset(stream, code);
      streams().release(stream);
      wakeReaders();
      wakeWriters();
    } finally {
      driver.leave(true);
    }
  }

  // State.

  @Override
  public int id() {
    return stream.id();
  }

  @Override
  public Map<String, String> attributes() {
    return stream.attributes();
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
  public int available() {
    return driver.locked(stream::readable);
  }

  @Override
  public boolean finReceived() {
    return driver.locked(stream::finReceived);
  }

  @Override
  public boolean inputEnded() {
    return driver.locked(
        () ->
            closed
                || stream.inputShut()
                || (stream.readable() == 0 && (stream.finReceived() || stream.failure() != null)));
  }

  @Override
  public boolean outputEnded() {
    return driver.locked(() -> !canWrite());
  }

  @Override
  public int unsentBytes() {
    return driver.locked(stream::neverHandedOut);
  }

  @Override
  public boolean stalled() {
    return driver.locked(stream::stalled);
  }

  @Override
  public boolean closed() {
    return driver.locked(() -> closed || stream.failure() != null);
  }

  @Override
  public Delivered delivered() {
    return driver.locked(
        () -> {
          boolean refused = stream.failedByPeer() && stream.failure().promisesNotProcessed();
          if (refused || !driver.engine().mayHaveArrived(stream)) {
            return Delivered.NO;
          }
          return stream.answered() ? Delivered.YES : Delivered.UNKNOWN;
        });
  }

  @Override
  public TunnelException failure() {
    return driver.locked(() -> cutShort() ? failureNow() : null);
  }

  private boolean cutShort() {
    return stream.failure() != null && (stream.failedByPeer() || driver.engine().end() != null);
  }

  @Override
  public long bytesReceived() {
    return driver.locked(stream::received);
  }

  @Override
  public long bytesWritten() {
    return driver.locked(() -> written);
  }

  @Override
  public StreamConnection connection() {
    return connection;
  }

  @Override
  public String toString() {
    return stream.toString();
  }

  private Streams streams() {
    return driver.engine().streams();
  }

  private TunnelException failureNow() {
    EngineEnd end = driver.engine().end();
    if (stream.failedByPeer()) {
      return new TunnelException(stream.failure(), delivered(), resetByPeer(), null);
    }
    return end == null
        ? new TunnelException(stream.failure(), delivered(), "the stream was reset", null)
        : connection.failure(end, delivered());
  }

  private String resetByPeer() {
    return switch (stream.failure()) {
      case REFUSED -> "the peer refused the call: it serves nothing now";
      case FORBIDDEN -> "the peer does not allow this call";
      case UPSTREAM_REFUSED -> "the service behind the peer refuses connections";
      case UPSTREAM_UNREACHABLE -> "the service behind the peer cannot be reached";
      case UPSTREAM_TIMEOUT -> "the service behind the peer did not take the connection in time";
      case UPSTREAM_UNTRUSTED -> "the service behind the peer did not prove its identity";
      case UPSTREAM_RESET -> "the service behind the peer has cut the connection";
      default -> "the peer has reset the stream";
    };
  }

  private static SocketException streamClosed() {
    return new SocketException("stream closed");
  }

  private static InterruptedIOException interrupted(String doing) {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while " + doing);
  }
}
