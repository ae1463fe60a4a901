package io.culvert.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.EngineConfig;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.Packet;
import io.culvert.frame.Packets;
import io.culvert.frame.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Which thread writes packets and which calls the application. The workers of the dialing side run
 * only when the test says so: what happens before that, happens on the thread that caused it.
 */
@Timeout(60)
class ThreadsOfAConnectionTest {
  private static final int WRITERS = 50;

  /** What the dialing side gave to its socket. */
  private record Sent(Thread by, Packet packet) {
    long dataBytes() {
      return packet.frames().stream()
          .mapToLong(frame -> frame instanceof Frame.Data data ? data.length() : 0)
          .sum();
    }
  }

  private final Workers workers = new Workers();
  private final Queue<Sent> sent = new ConcurrentLinkedQueue<>();
  private final Queue<String> callbacks = new ConcurrentLinkedQueue<>();
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, Threads.platform("test-timer"));
  private final ConnectionRuntime dialerRuntime =
      new ConnectionRuntime(workers, timer, System::nanoTime, new Random(1));
  private final ConnectionRuntime acceptorRuntime = ConnectionRuntime.create("test-acceptor");
  private final ExecutorService threads =
      Executors.newCachedThreadPool(Threads.platform("test-writer"));
  private final Connection acceptor =
      EngineConnection.acceptor(acceptorRuntime, EngineConfig.DEFAULT, new ConnectionListener() {});
  private final Connection dialer =
      EngineConnection.dialer(
          dialerRuntime,
          EngineConfig.DEFAULT,
          Map.of(),
          new ConnectionListener() {
            @Override
            public void established(Connection connection) {
              callbacks.add("established");
            }

            @Override
            public void pinged(Connection connection, byte[] data) {
              callbacks.add("pinged");
            }
          });

  /** While it is set, the socket of the dialing side takes nothing. */
  private volatile CountDownLatch gate = new CountDownLatch(0);

  private volatile CountDownLatch atTheGate = new CountDownLatch(0);

  @BeforeEach
  void connect() throws Exception {
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    acceptor.socketListener().onOpen(new Loopback(() -> dialer.socketListener()));
    dialer.socketListener().onOpen(new ToAcceptor());
    while (!acceptor.accepting()) {
      workers.runAll();
      TimeUnit.MILLISECONDS.sleep(1);
    }
    workers.runAll();
    sent.clear();
  }

  @AfterEach
  void close() throws Exception {
    gate.countDown();
    timer.shutdownNow();
    acceptorRuntime.close();
    threads.shutdownNow();
    assertTrue(threads.awaitTermination(30, TimeUnit.SECONDS));
  }

  @Test
  void aLoneWriterWritesOnItsOwnThread() throws Exception {
    TunnelStream stream = dialer.open(Map.of(), Duration.ZERO);
    stream.outputStream().write(new byte[100]);
    assertEquals(0, stream.unsentBytes());
    assertEquals(100, sent.stream().mapToLong(Sent::dataBytes).sum());
    assertEquals(50, stream.write(ByteBuffer.allocate(50)));
    assertEquals(150, sent.stream().mapToLong(Sent::dataBytes).sum());
    sent.forEach(packet -> assertSame(Thread.currentThread(), packet.by()));
  }

  @Test
  void writersThatComeWhileAnotherWritesAreBatchedByIt() throws Exception {
    List<TunnelStream> streams = new ArrayList<>();
    for (int i = 0; i <= WRITERS; i++) {
      streams.add(dialer.open(Map.of(), Duration.ZERO));
    }
    sent.clear();
    atTheGate = new CountDownLatch(1);
    gate = new CountDownLatch(1);
    Future<?> first = threads.submit(() -> write(streams.get(0)));
    atTheGate.await();
    List<Future<?>> others = new ArrayList<>();
    for (TunnelStream stream : streams.subList(1, streams.size())) {
      others.add(threads.submit(() -> write(stream)));
    }
    for (Future<?> other : others) {
      other.get(); // although the socket takes nothing
    }
    gate.countDown();
    first.get();
    assertEquals(100L * (WRITERS + 1), sent.stream().mapToLong(Sent::dataBytes).sum());
    assertEquals(1, sent.stream().map(Sent::by).distinct().count());
    assertEquals(2, sent.size(), "the first write, and all others in one packet");
  }

  private static Void write(TunnelStream stream) throws Exception {
    stream.outputStream().write(new byte[100]);
    return null;
  }

  /** The test's thread plays the reader, and nobody else runs. */
  @Test
  void theReaderNeitherWritesNorCallsListeners() throws Exception {
    assertTrue(callbacks.contains("established"));
    dialer.socketListener().onBinary(Packets.ctrl(0, new Frame.Ping(1, new byte[0])));
    assertTrue(sent.isEmpty(), "the reader has written");
    assertFalse(callbacks.contains("pinged"), "the reader has called a listener");
    assertNotEquals(0, workers.runAll());
    assertTrue(callbacks.contains("pinged"));
    assertTrue(
        sent.stream()
            .flatMap(s -> s.packet().frames().stream())
            .anyMatch(Frame.Pong.class::isInstance));
  }

  /** Keeps its tasks until it is told to run them. */
  private static final class Workers extends AbstractExecutorService {
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    @Override
    public void execute(Runnable task) {
      tasks.add(task);
    }

    int runAll() {
      int count = 0;
      for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
        task.run();
        count++;
      }
      return count;
    }

    @Override
    public void shutdown() {}

    @Override
    public List<Runnable> shutdownNow() {
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return false;
    }

    @Override
    public boolean isTerminated() {
      return false;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return true;
    }
  }

  private final class ToAcceptor extends Loopback {
    ToAcceptor() {
      super(() -> acceptor.socketListener());
    }

    @Override
    public void send(ByteBuffer message, Completion completion) {
      try {
        sent.add(new Sent(Thread.currentThread(), FrameReader.read(message.duplicate())));
        atTheGate.countDown();
        gate.await();
      } catch (ProtocolException | InterruptedException e) {
        throw new AssertionError(e);
      }
      super.send(message, completion);
    }
  }
}
