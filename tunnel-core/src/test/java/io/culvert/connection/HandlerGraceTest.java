package io.culvert.connection;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.engine.EngineConfig;
import io.culvert.frame.ErrorCode;
import io.culvert.websocket.WebSocketListener;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the peer's streams have waited long enough for a handler. */
class HandlerGraceTest {
  private static final int HANG_SECONDS = 60;

  /** What is due at the end of the acceptor's time to decide; it runs when the test says so. */
  private final BlockingQueue<Runnable> timeIsUp = new LinkedBlockingQueue<>();

  private final ConnectionRuntime dialerRuntime = ConnectionRuntime.create("test-dialer");
  private final ConnectionRuntime acceptorRuntime =
      new ConnectionRuntime(
          Threads.perTask("test-acceptor"), new GraceTimer(), System::nanoTime, new Random(1));
  private final Connection dialer =
      EngineConnection.dialer(
          dialerRuntime, EngineConfig.DEFAULT, Map.of(), new ConnectionListener() {});

  @AfterEach
  void close() {
    dialerRuntime.close();
    acceptorRuntime.close();
  }

  @Test
  void timeBeginsWhenTheListenerHasReturned() throws Exception {
    CompletableFuture<Integer> begunBefore = new CompletableFuture<>();
    connect(
        connection -> {
          String unused = connection.id(); // waits until what led to this callback is over
          begunBefore.complete(timeIsUp.size());
        });
    assertEquals(0, begunBefore.get(HANG_SECONDS, TimeUnit.SECONDS));
    assertRefusedWhenTimeIsUp();
  }

  @Test
  void timeBeginsAlsoWhenTheListenerThrows() throws Exception {
    connect(
        connection -> {
          throw new IllegalStateException("thrown by the test");
        });
    assertRefusedWhenTimeIsUp();
  }

  private void assertRefusedWhenTimeIsUp() throws Exception {
    TunnelStream waiting = dialer.open(Map.of(), Duration.ZERO);
    waiting.readTimeout(Duration.ofSeconds(HANG_SECONDS));
    timeIsUp.poll(HANG_SECONDS, TimeUnit.SECONDS).run();
    TunnelException e = assertThrows(TunnelException.class, () -> waiting.inputStream().read());
    assertEquals(ErrorCode.REFUSED, e.code());
  }

  private void connect(Established listener) throws Exception {
    Connection acceptor =
        EngineConnection.acceptor(
            acceptorRuntime,
            EngineConfig.DEFAULT,
            new ConnectionListener() {
              @Override
              public void established(Connection connection) {
                listener.established(connection);
              }
            });
    WebSocketListener atDialer = dialer.socketListener();
    WebSocketListener atAcceptor = acceptor.socketListener();
    atAcceptor.onOpen(new Loopback(() -> atDialer));
    atDialer.onOpen(new Loopback(() -> atAcceptor));
    dialer.awaitEstablished();
  }

  private interface Established {
    void established(Connection connection);
  }

  /** Keeps back what is due when the time to decide is up. */
  private final class GraceTimer extends ScheduledThreadPoolExecutor {
    GraceTimer() {
      super(1, Threads.platform("test-timer"));
      setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
      if (unit.toMillis(delay) != EngineObserver.HANDLER_GRACE.toMillis()) {
        return super.schedule(task, delay, unit);
      }
      timeIsUp.add(task);
      return super.schedule(() -> {}, 0, TimeUnit.SECONDS);
    }
  }
}
