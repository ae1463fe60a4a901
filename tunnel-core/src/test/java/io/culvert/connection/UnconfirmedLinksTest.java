package io.culvert.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.engine.EngineConfig;
import io.culvert.frame.Frame;
import io.culvert.frame.Packets;
import io.culvert.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What dialers that say HELLO, and nothing more, can make an acceptor keep. */
@Timeout(120)
class UnconfirmedLinksTest {
  private static final long HANDSHAKE = EngineConfig.DEFAULT.handshakeTimeout();

  private final Clock clock = new Clock();
  private final ConnectionRuntime runtime =
      new ConnectionRuntime(
          Threads.perTask("test-unconfirmed"), clock, clock.now::get, new Random(1));

  /** Time passes only when told to; what is due then runs on that thread. */
  private static final class Clock extends ScheduledThreadPoolExecutor {
    final AtomicLong now = new AtomicLong();
    private final List<Runnable> alarms = new ArrayList<>();

    Clock() {
      super(1);
    }

    @Override
    public synchronized ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      alarms.add(task);
      return super.schedule(() -> {}, 0, unit);
    }

    void pass(long nanos) {
      now.addAndGet(nanos);
      List<Runnable> run;
      synchronized (this) {
        run = List.copyOf(alarms);
        alarms.clear();
      }
      run.forEach(Runnable::run); // one that is too early is harmless
    }
  }

  /** Nobody hears what is sent. */
  private static final class Deaf extends Loopback {
    Deaf() {
      super(() -> null);
    }

    @Override
    public void send(ByteBuffer message, Completion completion) {
      completion.written(null);
    }
  }

  @AfterEach
  void close() {
    runtime.close();
  }

  private void greet(Links links) {
    EngineConnection acceptor =
        EngineConnection.acceptor(
            runtime, EngineConfig.DEFAULT, links, "mallory", new ConnectionListener() {});
    WebSocketListener socket = acceptor.socketListener();
    socket.onOpen(new Deaf());
    socket.onBinary(Packets.ctrl(0, new Frame.Hello(1, 5000, 4, new byte[32], Map.of())));
  }

  @Test
  void theyCountOnceTheirSocketIsGivenUpAndAreForgotten() {
    Links links = new Links(3, 100);
    for (int i = 0; i < 10; i++) {
      greet(links);
    }
    assertEquals(10, links.size());

    clock.pass(HANDSHAKE);
    assertEquals(3, links.detached());
    assertEquals(3, links.size());

    clock.pass(HANDSHAKE);
    assertEquals(0, links.detached());
    assertEquals(0, links.size());
  }
}
