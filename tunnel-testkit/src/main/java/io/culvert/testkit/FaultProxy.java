package io.culvert.testkit;

import java.io.IOException;
import java.io.InputStream;
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
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
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
    /** Bytes of both sides are read and thrown away, and neither side hears that the other left. */
    BLACK_HOLE,
    /** Nothing is read any more, so that both senders' buffers fill. {@link #NONE} reads on. */
    STOP_READING
  }

  /** Which way bytes go. */
  public enum Direction {
    TO_TARGET,
    TO_DIALER
  }

  private static final int CHUNK_BYTES = 16 * 1024;

  /** What one direction of a connection holds back: bounds its memory to 4 MiB. */
  private static final int MAX_CHUNKS = 256;

  /** Some bytes under way; the array has no other owner. */
  private static final class Chunk {
    static final int END = -1;

    final byte[] bytes;
    final int length;
    final long dueNanos;

    Chunk(byte[] bytes, int length, long dueNanos) {
      this.bytes = bytes;
      this.length = length;
      this.dueNanos = dueNanos;
    }
  }

  private final InetSocketAddress target;
  private final ServerSocket server;
  private final Thread acceptor;

  // Guarded by this; waiters are notified of every change.
  private final Set<Tunnel> tunnels = new LinkedHashSet<>();

  /** Connections that have ended and whose threads may not have; {@link #close} waits for them. */
  private final Set<Tunnel> ending = new LinkedHashSet<>();

  private final Map<Direction, Long> bytesPerSecond = new EnumMap<>(Direction.class);
  private Fault faultOfNew = Fault.NONE;
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

  /** Does this to every connection there is. */
  public void inject(Fault fault) {
    for (Tunnel tunnel : tunnels()) {
      tunnel.inject(fault);
    }
  }

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
    return tunnels().size();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    closeQuietly(server);
    try {
      acceptor.join();
      tunnels().forEach(Tunnel::end);
      for (Tunnel tunnel : ending()) {
        tunnel.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized List<Tunnel> ending() {
    return List.copyOf(ending);
  }

  private synchronized List<Tunnel> tunnels() {
    return List.copyOf(tunnels);
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
    toTarget.connect(target);
    dialer.setTcpNoDelay(true);
    toTarget.setTcpNoDelay(true);
    Tunnel tunnel = new Tunnel(dialer, toTarget);
    Fault first;
    synchronized (this) {
      if (closed) {
        closeQuietly(toTarget);
        throw new IOException("the proxy is closed");
      }
      tunnels.add(tunnel);
      first = faultOfNew;
    }
    tunnel.inject(first);
    tunnel.start();
  }

  private synchronized long dueNanos() {
    return System.nanoTime() + delay.toNanos();
  }

  private synchronized long limit(Direction direction) {
    return bytesPerSecond.getOrDefault(direction, 0L);
  }

  private static void closeQuietly(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      // Closed is what it should be.
    }
  }

  /** One connection: a reader and a writer thread in each direction. */
  private final class Tunnel {
    private final Socket dialer;
    private final Socket toTarget;
    private final List<Thread> threads;

    // Guarded by this.
    private Fault fault = Fault.NONE;
    private boolean ended;

    /** Directions that have passed on the end of their stream. */
    private int finished;

    Tunnel(Socket dialer, Socket toTarget) {
      this.dialer = dialer;
      this.toTarget = toTarget;
      BlockingQueue<Chunk> forth = new LinkedBlockingQueue<>(MAX_CHUNKS);
      BlockingQueue<Chunk> back = new LinkedBlockingQueue<>(MAX_CHUNKS);
      threads =
          List.of(
              thread("read-dialer", () -> read(dialer, forth)),
              thread("write-target", () -> write(toTarget, forth, Direction.TO_TARGET)),
              thread("read-target", () -> read(toTarget, back)),
              thread("write-dialer", () -> write(dialer, back, Direction.TO_DIALER)));
    }

    private interface Work {
      void run() throws IOException, InterruptedException;
    }

    private Thread thread(String name, Work work) {
      Runnable guarded =
          () -> {
            try {
              work.run();
            } catch (IOException e) {
              // One side broke: a proxy can only break the other.
              if (fault() != Fault.BLACK_HOLE) {
                end();
              }
            } catch (InterruptedException e) {
              end();
            }
          };
      Thread thread = new Thread(guarded, "culvert-fault-proxy-" + name);
      thread.setDaemon(true);
      return thread;
    }

    void start() {
      threads.forEach(Thread::start);
    }

    boolean finished() {
      return threads.stream().allMatch(t -> t.getState() == Thread.State.TERMINATED);
    }

    void join() throws InterruptedException {
      for (Thread thread : threads) {
        thread.join();
      }
    }

    synchronized Fault fault() {
      return fault;
    }

    private synchronized boolean ended() {
      return ended;
    }

    void inject(Fault wanted) {
      synchronized (this) {
        fault = wanted;
        notifyAll(); // readers that had stopped reading
      }
      switch (wanted) {
        case CUT -> end();
        case RESET -> {
          reset(dialer);
          reset(toTarget);
          end();
        }
        case NONE, BLACK_HOLE, STOP_READING -> {}
      }
    }

    private void reset(Socket socket) {
      try {
        // Closing with a linger time of 0 makes TCP send RST instead of FIN.
        socket.setSoLinger(true, 0);
      } catch (IOException e) {
        // It is closed already.
      }
    }

    void end() {
      synchronized (this) {
        ended = true;
        notifyAll(); // readers that had stopped reading
      }
      closeQuietly(dialer);
      closeQuietly(toTarget);
      threads.forEach(Thread::interrupt);
      synchronized (FaultProxy.this) {
        ending.removeIf(Tunnel::finished);
        if (tunnels.remove(this)) {
          ending.add(this);
        }
      }
    }

    private void read(Socket from, BlockingQueue<Chunk> queue)
        throws IOException, InterruptedException {
      InputStream in = from.getInputStream();
      while (awaitReading()) {
        byte[] bytes = new byte[CHUNK_BYTES];
        int length = in.read(bytes);
        // Asked again: the fault may have come while the read waited.
        Fault now = fault();
        if (now == Fault.STOP_READING && !awaitReading()) {
          return;
        }
        // Closing a socket sends FIN first, and its peer's answer to that must not get through.
        if (ended()) {
          return;
        }
        if (now != Fault.BLACK_HOLE) {
          queue.put(new Chunk(bytes, length, dueNanos()));
        }
        if (length == Chunk.END) {
          return;
        }
      }
    }

    /** Waits while nothing is to be read; false when the connection has ended. */
    private synchronized boolean awaitReading() throws InterruptedException {
      while (fault == Fault.STOP_READING && !ended) {
        wait(); // for inject() or end()
      }
      return !ended;
    }

    private void write(Socket to, BlockingQueue<Chunk> queue, Direction direction)
        throws IOException, InterruptedException {
      while (true) {
        Chunk chunk = queue.take();
        pauseUntil(chunk.dueNanos);
        if (fault() == Fault.BLACK_HOLE) {
          continue;
        }
        if (chunk.length == Chunk.END) {
          to.shutdownOutput();
          finish();
          return;
        }
        writeThrottled(to, chunk, direction);
      }
    }

    private void writeThrottled(Socket to, Chunk chunk, Direction direction)
        throws IOException, InterruptedException {
      long limit = limit(direction);
      // Twenty slices a second, so that a low limit drips instead of bursting.
      int slice = limit == 0 ? chunk.length : (int) Math.max(1, Math.min(chunk.length, limit / 20));
      for (int at = 0; at < chunk.length; at += slice) {
        int length = Math.min(slice, chunk.length - at);
        to.getOutputStream().write(chunk.bytes, at, length);
        if (limit > 0) {
          pauseUntil(System.nanoTime() + length * TimeUnit.SECONDS.toNanos(1) / limit);
        }
      }
    }

    /** Both directions must have ended before the sockets are closed: half-close passes. */
    private void finish() {
      boolean both;
      synchronized (this) {
        both = ++finished == 2;
      }
      if (both) {
        end();
      }
    }
  }

  private static void pauseUntil(long nanos) throws InterruptedException {
    long left = nanos - System.nanoTime();
    if (left > 0) {
      TimeUnit.NANOSECONDS.sleep(left);
    }
  }
}
