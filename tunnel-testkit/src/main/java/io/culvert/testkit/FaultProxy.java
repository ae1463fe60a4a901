package io.culvert.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * A TCP proxy on loopback in front of a target address, which does to connections what networks do.
 * Thread-safe. {@link #close} ends all its threads.
 */
public final class FaultProxy implements AutoCloseable {

  /** What can happen to a connection. */
  public enum Fault {
    /** Bytes pass. */
    NONE,
    /** Both sides get an orderly end of the stream (FIN). */
    CUT,
    /** Both sides get a reset (RST). */
    RESET,
    /** Bytes are read and thrown away, and neither side hears that the other left. */
    BLACK_HOLE,
    /** Nothing is read any more, so that both senders' buffers fill. {@link #NONE} reads on. */
    STOP_READING
  }

  /** Which way bytes go. */
  public enum Direction {
    TO_TARGET,
    TO_DIALER
  }

  private final ServerSocket server;
  private final Thread acceptor;

  // Guarded by this; waiters are notified of every change.
  private final Set<FaultyConnection> connections = new LinkedHashSet<>();

  /** Connections that have ended and whose threads may not have; {@link #close} waits for them. */
  private final Set<FaultyConnection> ending = new LinkedHashSet<>();

  private final Map<Direction, Long> bytesPerSecond = new EnumMap<>(Direction.class);
  private InetSocketAddress target;
  private Fault faultOfNew = Fault.NONE;

  /** What is done to the next connection only; empty for nothing. */
  private Optional<Truncation> truncationOfNext = Optional.empty();

  private Duration delay = Duration.ZERO;
  private boolean closed;

  /** Starts to listen on an ephemeral port. */
  public FaultProxy(InetSocketAddress target) throws IOException {
    this.target = Objects.requireNonNull(target, "target");
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    acceptor = new Thread(this::accept, "culvert-fault-proxy-accept");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  /** Where to connect instead of to the target. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  /** Where connections go that come from now on: as if the target had been started anew. */
  public synchronized void target(InetSocketAddress next) {
    target = Objects.requireNonNull(next, "target");
  }

  private synchronized InetSocketAddress target() {
    return target;
  }

  /** Does this to every connection there is. */
  public void inject(Fault fault) {
    for (FaultyConnection connection : all()) {
      connection.inject(fault);
    }
  }

  /**
   * Does this to one direction of every connection there is.
   *
   * @throws IllegalArgumentException if the fault can only befall a whole connection
   */
  public void inject(Direction direction, Fault fault) {
    if (fault == Fault.CUT || fault == Fault.RESET) {
      throw new IllegalArgumentException(fault + " befalls both directions");
    }
    for (FaultyConnection connection : all()) {
      connection.set(direction, fault);
    }
  }

  /** Ends one direction of every connection there is, with FIN; the other goes on. */
  public void halfClose(Direction direction) {
    truncate(direction, 0);
  }

  /**
   * Lets exactly so many more bytes of one direction of every connection pass, and then the end of
   * the stream (FIN). What follows is thrown away; the other direction goes on.
   */
  public void truncate(Direction direction, long bytes) {
    for (FaultyConnection connection : all()) {
      connection.truncate(direction, bytes);
    }
  }

  /** The same for the next connection that comes, and for no other. */
  public synchronized void truncateNext(Direction direction, long bytes) {
    truncationOfNext = Optional.of(new Truncation(direction, bytes));
  }

  private record Truncation(Direction direction, long bytes) {}

  /** Does this to every connection that comes from now on, as soon as it has come. */
  public synchronized void injectIntoNew(Fault fault) {
    faultOfNew = Objects.requireNonNull(fault, "fault");
  }

  /** Holds every byte back for this long, in each direction. Order and throughput stay. */
  public synchronized void delay(Duration oneWay) {
    delay = Objects.requireNonNull(oneWay, "oneWay");
  }

  /**
   * Lets at most so many bytes pass in a second, per connection.
   *
   * @param limit in bytes per second; 0 lifts the limit
   */
  public synchronized void throttle(Direction direction, long limit) {
    bytesPerSecond.put(direction, limit);
  }

  /** Ends every connection there is, with FIN; new ones are still accepted. */
  public void closeAll() {
    inject(Fault.CUT);
  }

  /** How many connections are open. */
  public int connections() {
    return all().size();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    closeQuietly(server);
    try {
      acceptor.join();
      all().forEach(FaultyConnection::end);
      for (FaultyConnection connection : ending()) {
        connection.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The sockets of this connection are closed; its threads end soon. */
  synchronized void ended(FaultyConnection connection) {
    ending.removeIf(FaultyConnection::finished);
    if (connections.remove(connection)) {
      ending.add(connection);
    }
  }

  private synchronized List<FaultyConnection> ending() {
    return List.copyOf(ending);
  }

  private synchronized List<FaultyConnection> all() {
    return List.copyOf(connections);
  }

  private void accept() {
    while (true) {
      Socket dialer;
      try {
        dialer = server.accept();
      } catch (IOException e) {
        return;
      }
      try {
        begin(dialer);
      } catch (IOException e) {
        // The target is not there: the dialer sees its connection end.
        closeQuietly(dialer);
      }
    }
  }

  private void begin(Socket dialer) throws IOException {
    Socket toTarget = new Socket();
    toTarget.connect(target());
    dialer.setTcpNoDelay(true);
    toTarget.setTcpNoDelay(true);
    FaultyConnection connection = new FaultyConnection(this, dialer, toTarget);
    Fault first;
    Optional<Truncation> truncation;
    synchronized (this) {
      if (closed) {
        closeQuietly(toTarget);
        throw new IOException("the proxy is closed");
      }
      connections.add(connection);
      first = faultOfNew;
      truncation = truncationOfNext;
      truncationOfNext = Optional.empty();
    }
    truncation.ifPresent(t -> connection.truncate(t.direction, t.bytes));
    connection.inject(first);
    connection.start();
  }

  /** When what is read now is to be passed on. */
  synchronized long dueNanos() {
    return System.nanoTime() + delay.toNanos();
  }

  /** In bytes per second; 0 for none. */
  synchronized long limit(Direction direction) {
    return bytesPerSecond.getOrDefault(direction, 0L);
  }

  static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // Closed is what it should be.
    }
  }

  static void pauseUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }
}
