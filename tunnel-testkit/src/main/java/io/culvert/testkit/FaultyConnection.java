package io.culvert.testkit;

import io.culvert.testkit.FaultProxy.Direction;
import io.culvert.testkit.FaultProxy.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One connection through a {@link FaultProxy}: a reader and a writer thread in each direction. It
 * owns both sockets. Thread-safe.
 */
final class FaultyConnection {
  private static final int CHUNK_BYTES = 16 * 1024;

  /** What one direction holds back: bounds its memory to 4 MiB. */
  private static final int MAX_CHUNKS = 256;

  /** The whole flow passes. */
  private static final long ALL = Long.MAX_VALUE;

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

  private final FaultProxy proxy;
  private final Socket dialer;
  private final Socket target;
  private final Map<Direction, Flow> flows = new EnumMap<>(Direction.class);

  // Guarded by this; waiters are notified of every change.
  private boolean ended;

  /** Directions that have passed on the end of their stream. */
  private int finished;

  /** Sockets whose peers have left while a black hole kept that from the other side. */
  private final Set<Socket> left = new HashSet<>();

  FaultyConnection(FaultProxy proxy, Socket dialer, Socket target) {
    this.proxy = proxy;
    this.dialer = dialer;
    this.target = target;
    flows.put(Direction.TO_TARGET, new Flow(Direction.TO_TARGET, dialer, target));
    flows.put(Direction.TO_DIALER, new Flow(Direction.TO_DIALER, target, dialer));
  }

  void start() {
    threads().forEach(Thread::start);
  }

  private Stream<Thread> threads() {
    return flows.values().stream().flatMap(flow -> flow.threads.stream());
  }

  boolean finished() {
    return threads().allMatch(t -> t.getState() == Thread.State.TERMINATED);
  }

  void join() throws InterruptedException {
    for (Thread thread : threads().toList()) {
      thread.join();
    }
  }

  void inject(Fault wanted) {
    for (Direction direction : Direction.values()) {
      set(direction, wanted);
    }
    switch (wanted) {
      case CUT -> end();
      case RESET -> {
        reset(dialer);
        reset(target);
        end();
      }
      case NONE, BLACK_HOLE, STOP_READING -> {}
    }
  }

  /** Like {@link #inject}, for faults that one direction can have alone. */
  synchronized void set(Direction direction, Fault wanted) {
    flows.get(direction).fault = wanted;
    notifyAll(); // readers that had stopped reading
  }

  void truncate(Direction direction, long bytes) {
    flows.get(direction).truncate(bytes);
  }

  void end() {
    synchronized (this) {
      ended = true;
      notifyAll(); // readers that had stopped reading
    }
    FaultProxy.closeQuietly(dialer);
    FaultProxy.closeQuietly(target);
    threads().forEach(Thread::interrupt);
    proxy.ended(this);
  }

  private static void reset(Socket socket) {
    try {
      // Closing with a linger time of 0 makes TCP send RST instead of FIN.
      socket.setSoLinger(true, 0);
    } catch (IOException e) {
      // It is closed already.
    }
  }

  private synchronized boolean ended() {
    return ended;
  }

  /** The peer at this socket has left: the other side hears of it unless a black hole is there. */
  private void left(Socket socket) {
    boolean over;
    synchronized (this) {
      left.add(socket);
      over = left.size() == 2 || flows.values().stream().noneMatch(f -> f.is(Fault.BLACK_HOLE));
    }
    if (over) {
      end();
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

  private interface Work {
    void run() throws IOException, InterruptedException;
  }

  /** One direction. Its state is guarded by the connection. */
  private final class Flow {
    final Direction direction;
    final Socket from;
    final Socket to;
    final BlockingQueue<Chunk> queue = new LinkedBlockingQueue<>(MAX_CHUNKS);
    final List<Thread> threads;
    Fault fault = Fault.NONE;

    /** How many bytes pass before the stream ends. */
    private long allowance = ALL;

    Flow(Direction direction, Socket from, Socket to) {
      this.direction = direction;
      this.from = from;
      this.to = to;
      boolean forth = direction == Direction.TO_TARGET;
      threads =
          List.of(
              thread(forth ? "read-dialer" : "read-target", from, this::read),
              thread(forth ? "write-target" : "write-dialer", to, this::write));
    }

    private Thread thread(String name, Socket socket, Work work) {
      Runnable guarded =
          () -> {
            try {
              work.run();
            } catch (IOException e) {
              left(socket); // one side broke: a proxy can only break the other
            } catch (InterruptedException e) {
              end();
            }
          };
      Thread thread = new Thread(guarded, "culvert-fault-proxy-" + name);
      thread.setDaemon(true);
      return thread;
    }

    boolean is(Fault wanted) {
      synchronized (FaultyConnection.this) {
        return fault == wanted;
      }
    }

    void truncate(long bytes) {
      synchronized (FaultyConnection.this) {
        allowance = bytes;
      }
      // The writer may wait for bytes; if the queue is full it does not.
      queue.offer(new Chunk(new byte[0], 0, System.nanoTime()));
    }

    private void read() throws IOException, InterruptedException {
      InputStream in = from.getInputStream();
      while (awaitReading()) {
        byte[] bytes = new byte[CHUNK_BYTES];
        int length = in.read(bytes);
        // Asked again: the fault may have come while the read waited.
        // Closing a socket sends FIN first, and its peer's answer to that must not get through.
        if ((is(Fault.STOP_READING) && !awaitReading()) || ended()) {
          return;
        }
        if (!is(Fault.BLACK_HOLE)) {
          queue.put(new Chunk(bytes, length, proxy.dueNanos()));
        } else if (length == Chunk.END) {
          left(from);
        }
        if (length == Chunk.END) {
          return;
        }
      }
    }

    /** Waits while nothing is to be read; false when the connection has ended. */
    private boolean awaitReading() throws InterruptedException {
      synchronized (FaultyConnection.this) {
        while (fault == Fault.STOP_READING && !ended) {
          FaultyConnection.this.wait(); // for set() or end()
        }
        return !ended;
      }
    }

    private void write() throws IOException, InterruptedException {
      boolean open = true;
      while (true) {
        Chunk chunk = queue.take();
        FaultProxy.pauseUntil(chunk.dueNanos);
        if (is(Fault.BLACK_HOLE) || !open) {
          continue;
        }
        int passing = take(chunk.length);
        writeThrottled(chunk.bytes, passing);
        if (chunk.length == Chunk.END || exhausted()) {
          open = false; // what still comes has no way to go
          to.shutdownOutput();
          finish();
        }
      }
    }

    /** How much of so many bytes still passes. */
    private int take(int length) {
      synchronized (FaultyConnection.this) {
        int passing = (int) Math.min(Math.max(0, length), allowance);
        allowance -= allowance == ALL ? 0 : passing;
        return passing;
      }
    }

    private boolean exhausted() {
      synchronized (FaultyConnection.this) {
        return allowance == 0;
      }
    }

    private void writeThrottled(byte[] bytes, int total) throws IOException, InterruptedException {
      long limit = proxy.limit(direction);
      // Twenty slices a second, so that a low limit drips instead of bursting.
      int slice = limit == 0 ? total : (int) Math.max(1, Math.min(total, limit / 20));
      for (int at = 0; at < total; at += slice) {
        int length = Math.min(slice, total - at);
        to.getOutputStream().write(bytes, at, length);
        if (limit > 0) {
          FaultProxy.pauseUntil(System.nanoTime() + length * TimeUnit.SECONDS.toNanos(1) / limit);
        }
      }
    }
  }
}
