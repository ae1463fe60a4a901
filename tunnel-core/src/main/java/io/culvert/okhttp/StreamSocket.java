package io.culvert.okhttp;

import io.culvert.connection.Delivered;
import io.culvert.connection.ExchangeMark;
import io.culvert.connection.ExchangeStream;
import io.culvert.connection.ResumableStream;
import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketImpl;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * A stream dressed as a socket. The stream is opened by {@link #connect}, whatever the address: the
 * connection decides where it leads. Thread-safe.
 *
 * <p>{@link #close} is orderly, unless bytes are left that cannot go out because the peer does not
 * read: then the stream is reset. Either way the peer learns at once that nobody reads any more.
 */
// Socket's monitor is not used: close() must get through while another thread is blocked.
@SuppressWarnings("UnsynchronizedOverridesSynchronized")
final class StreamSocket extends Socket {
  /** What a timeout of 0, "no bound", becomes; far enough, and no overflow in nanoseconds. */
  private static final Duration UNBOUNDED = Duration.ofDays(3650);

  private final StreamConnection connection;
  private final StreamOpener opener;
  private final Supplier<Map<String, String>> attributes;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by lock.
  /** Waits in {@link StreamConnection#open}; null when no thread does. */
  private Thread connecting;

  private boolean closed;

  /** Null until connected; set once. */
  private volatile TunnelStream stream;

  private volatile SocketAddress address;
  private volatile boolean outputShutDown;
  private volatile int soTimeoutMillis;

  /** Null while nothing is known about the exchanges that the stream carries. */
  private volatile ExchangeMark exchange;

  StreamSocket(
      StreamConnection connection, StreamOpener opener, Supplier<Map<String, String>> attributes)
      throws SocketException {
    // Without an implementation: every method that would use it is overridden.
    super((SocketImpl) null);
    this.connection = connection;
    this.opener = opener;
    this.attributes = attributes;
  }

  @Override
  public void connect(SocketAddress endpoint) throws IOException {
    connect(endpoint, 0);
  }

  @Override
  public void connect(SocketAddress endpoint, int timeoutMillis) throws IOException {
    lock.lock();
    try {
      checkOpen();
      if (stream != null || connecting != null) {
        throw new SocketException("already connected");
      }
      connecting = Thread.currentThread();
    } finally {
      lock.unlock();
    }
    TunnelStream opened = null;
    try {
      opened = open(timeoutMillis);
    } finally {
      connected(endpoint, opened);
    }
  }

  private TunnelStream open(int timeoutMillis) throws IOException {
    Duration timeout = timeoutMillis == 0 ? UNBOUNDED : Duration.ofMillis(timeoutMillis);
    try {
      return opener.open(attributes.get(), timeout);
    } catch (InterruptedIOException e) {
      lock.lock();
      try {
        checkOpen();
      } finally {
        lock.unlock();
      }
      throw e;
    } catch (TunnelException e) {
      if (e.code() != ErrorCode.LIMIT_EXCEEDED) {
        throw e;
      }
      SocketTimeoutException timedOut =
          new SocketTimeoutException(
              "connect timed out after " + timeoutMillis + " ms: " + e.getMessage());
      timedOut.initCause(e);
      throw timedOut;
    }
  }

  private void connected(SocketAddress endpoint, TunnelStream opened) throws SocketException {
    lock.lock();
    try {
      connecting = null;
      if (closed) {
        // The interrupt was close()'s and has done its work.
        Thread.interrupted();
        if (opened != null) {
          opened.reset(ErrorCode.CANCELLED);
        }
        checkOpen();
      }
      if (opened != null) {
        opened.readTimeout(Duration.ofMillis(soTimeoutMillis));
        address = endpoint;
        stream = opened;
      }
    } finally {
      lock.unlock();
    }
  }

  private void checkOpen() throws SocketException {
    if (isClosed()) {
      throw new SocketException("Socket closed");
    }
  }

  private TunnelStream stream() throws SocketException {
    TunnelStream current = stream;
    if (current == null) {
      checkOpen();
      throw new SocketException("Socket is not connected");
    }
    return current;
  }

  /**
   * The exchange whose request is written from now on: failures tell what became of this one. Only
   * for HTTP/1.1 in clear text, where a stream carries one exchange at a time.
   *
   * @param timeouts of the exchange, until {@link #setSoTimeout} says something else, which OkHttp
   *     calls before each exchange and when a socket leaves HTTP; null: those of the socket
   */
  void beginExchange(CallTimeouts timeouts) {
    TunnelStream current = stream;
    if (current != null) {
      if (timeouts != null && current instanceof ResumableStream resumable) {
        timeouts.keptBy(resumable);
      }
      exchange = ExchangeMark.of(current, true);
    }
  }

  /** Whether the connection that carries the stream takes no new ones. */
  boolean draining() {
    TunnelStream current = stream;
    return current != null && !current.connection().accepting();
  }

  /** The response has been read to its end. */
  void endExchange() {
    if (stream instanceof ExchangeStream exchanges) {
      exchanges.endExchange();
    }
  }

  /** Null until connected. */
  TunnelStream opened() {
    return stream;
  }

  /**
   * The same failure, with what is known about the exchange instead of the whole stream. Without a
   * mark the stream may carry several exchanges, or TLS: then a byte of the peer proves nothing.
   */
  TunnelException explain(TunnelException failure) {
    Delivered delivered = failure.delivered();
    ExchangeMark mark = exchange;
    if (mark != null) {
      delivered = mark.delivered(stream, stream.failure());
    } else if (delivered == Delivered.YES) {
      delivered = Delivered.UNKNOWN;
    }
    return new TunnelException(failure.code(), delivered, failure.reason(), failure);
  }

  @Override
  public InputStream getInputStream() throws IOException {
    checkOpen();
    return new StreamSocketIo.Input(this, stream().inputStream());
  }

  @Override
  public OutputStream getOutputStream() throws IOException {
    checkOpen();
    return new StreamSocketIo.Output(this, stream().outputStream());
  }

  @Override
  public void setSoTimeout(int timeoutMillis) throws SocketException {
    checkOpen();
    lock.lock();
    try {
      soTimeoutMillis = timeoutMillis;
      if (stream != null) {
        stream.readTimeout(Duration.ofMillis(timeoutMillis));
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int getSoTimeout() {
    return soTimeoutMillis;
  }

  @Override
  public void shutdownInput() throws IOException {
    stream().shutdownInput();
  }

  @Override
  public void shutdownOutput() throws IOException {
    TunnelStream current = stream();
    outputShutDown = true;
    try {
      current.shutdownOutput();
    } catch (TunnelException e) {
      throw explain(e);
    }
  }

  @Override
  public void close() {
    TunnelStream current;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      if (connecting != null) {
        connecting.interrupt();
      }
      current = stream;
    } finally {
      lock.unlock();
    }
    if (current == null) {
      return;
    }
    if (!outputShutDown && current.stalled()) {
      current.reset(ErrorCode.CANCELLED);
    } else {
      // First: a server that sees the end while a request runs asks whether anybody still reads.
      current.shutdownInput();
      current.close();
    }
  }

  @Override
  public boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isConnected() {
    return stream != null;
  }

  @Override
  public boolean isBound() {
    return stream != null;
  }

  /** True as soon as the peer's FIN has arrived, so that a pool drops the socket before its use. */
  @Override
  public boolean isInputShutdown() {
    TunnelStream current = stream;
    return current != null && (current.finReceived() || current.inputEnded());
  }

  @Override
  public boolean isOutputShutdown() {
    TunnelStream current = stream;
    return current != null && current.outputEnded();
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return address;
  }

  @Override
  public InetAddress getInetAddress() {
    return address instanceof InetSocketAddress inet ? inet.getAddress() : null;
  }

  @Override
  public int getPort() {
    return address instanceof InetSocketAddress inet ? inet.getPort() : 0;
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return connection.localAddress();
  }

  @Override
  public InetAddress getLocalAddress() {
    return connection.localAddress() instanceof InetSocketAddress inet
        ? inet.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  @Override
  public int getLocalPort() {
    return connection.localAddress() instanceof InetSocketAddress inet ? inet.getPort() : -1;
  }

  /** Does nothing: bytes leave without delay. */
  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public boolean getTcpNoDelay() {
    return true;
  }

  /** Does nothing: the connection has its own heartbeat. */
  @Override
  public void setKeepAlive(boolean on) {}

  @Override
  public boolean getKeepAlive() {
    return true;
  }

  /** Does nothing: closing never waits. */
  @Override
  public void setSoLinger(boolean on, int linger) {}

  @Override
  public int getSoLinger() {
    return -1;
  }

  @Override
  public String toString() {
    TunnelStream current = stream;
    return "StreamSocket[" + (current == null ? "not connected" : "stream " + current.id()) + "]";
  }
}
