package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionBuilder.PingListener;
import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.frame.Wire;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Pings with application data, and none at all. */
@Timeout(60)
class HeartbeatSettingsTest {
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final Duration LONG = Duration.ofSeconds(30);

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  @Test
  void bothSidesHearOfPingsAndPongsWithTheirData() throws Exception {
    Pings atServer = new Pings();
    Pings atClient = new Pings();
    // The clocks differ, so that each side has an idle time in which it asks.
    try (TunnelServer server =
            Setup.server()
                .heartbeat(SHORT, LONG)
                .pingData(bytes("server's"))
                .onPing(atServer)
                .build()
                .start();
        SocketConnection connection =
            Setup.client(server)
                .heartbeat(SHORT, LONG)
                .pingData(bytes("client's"))
                .onPing(atClient)
                .build()
                .connect()) {
      assertEquals("client's", atClient.awaitPong().data);
      Ping atClientSide = atClient.awaitPing();
      assertEquals("server's", atClientSide.data);
      assertEquals(connection.id(), atClientSide.connectionId);
      assertEquals("server's", atServer.awaitPong().data);
      Ping atServerSide = atServer.awaitPing();
      assertEquals("client's", atServerSide.data);
      assertEquals(connection.id(), atServerSide.connectionId);
      assertTrue(connection.roundTrip().toNanos() > 0);
    }
  }

  @Test
  void aListenerThatThrowsHearsTheNextPing() throws Exception {
    Pings pings = new Pings();
    PingListener throwing =
        new PingListener() {
          @Override
          public void onPing(SocketConnection connection, byte[] data) {
            pings.onPing(connection, data);
            throw new AssertionError("on purpose");
          }
        };
    try (TunnelServer server = Setup.server().heartbeat(SHORT, LONG).build().start();
        SocketConnection connection =
            Setup.client(server).heartbeatOff().onPing(throwing).build().connect()) {
      pings.awaitPing();
      pings.awaitPing();
      assertTrue(connection.isOpen());
    }
  }

  @Test
  void aSlowListenerDoesNotHoldTheHeartbeatUp() throws Exception {
    BlockingQueue<Boolean> release = new LinkedBlockingQueue<>();
    Pings atServer = new Pings();
    PingListener slow =
        new PingListener() {
          @Override
          public void onPing(SocketConnection connection, byte[] data) {
            try {
              release.take();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          }
        };
    try (TunnelServer server =
            Setup.server().heartbeat(SHORT, LONG).onPing(atServer).build().start();
        SocketConnection connection =
            Setup.client(server).heartbeatOff().onPing(slow).build().connect()) {
      for (int i = 0; i < 5; i++) {
        atServer.awaitPong();
      }
      assertTrue(connection.isOpen());
      for (int i = 0; i < 1000; i++) {
        release.add(true);
      }
    }
  }

  @Test
  void withoutHeartbeatNobodyAsksAndNobodyDies() throws Exception {
    Pings pings = new Pings();
    EventLog events = new EventLog();
    try (TunnelServer server =
            Setup.server().heartbeat(SHORT, SHORT).heartbeatOff().onPing(pings).build();
        TunnelServer other = Setup.server().heartbeat(SHORT, LONG).build()) {
      server.events().listen(events);
      server.start();
      other.start();
      Pings clock = new Pings();
      try (SocketConnection quiet =
              Setup.client(server).heartbeatOff().onPing(pings).build().connect();
          SocketConnection timing = Setup.client(other).onPing(clock).build().connect()) {
        // Several times as long as the times that were switched off.
        for (int i = 0; i < 10; i++) {
          clock.awaitPing();
        }
        assertTrue(timing.isOpen());
        assertTrue(quiet.isOpen());
        assertEquals(0, pings.pings.size() + pings.pongs.size());
        events.next(ConnectionEvent.Type.RECEIVED);
        assertEquals(0, events.waiting());
        assertEquals(Duration.ZERO, quiet.roundTrip());
        assertFalse(timing.roundTrip().isNegative());
      }
    }
  }

  @Test
  void settingsAreChecked() {
    assertThrows(
        IllegalArgumentException.class,
        () -> TunnelServer.builder().heartbeat(Duration.ZERO, LONG));
    assertThrows(
        IllegalArgumentException.class,
        () -> TunnelServer.builder().heartbeat(LONG, Duration.ofSeconds(-1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> TunnelServer.builder().pingData(new byte[Wire.MAX_PING_DATA + 1]).build());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private record Ping(String connectionId, String data) {}

  private static final class Pings implements PingListener {
    private final BlockingQueue<Ping> pings = new LinkedBlockingQueue<>();
    private final BlockingQueue<Ping> pongs = new LinkedBlockingQueue<>();

    @Override
    public void onPing(SocketConnection connection, byte[] data) {
      pings.add(new Ping(connection.id(), new String(data, StandardCharsets.UTF_8)));
    }

    @Override
    public void onPong(SocketConnection connection, byte[] data, Duration roundTrip) {
      pongs.add(new Ping(connection.id(), new String(data, StandardCharsets.UTF_8)));
    }

    Ping awaitPing() throws InterruptedException {
      return next(pings);
    }

    private static Ping next(BlockingQueue<Ping> queue) throws InterruptedException {
      Ping next = queue.poll(30, TimeUnit.SECONDS);
      assertNotNull(next, "waited in vain");
      return next;
    }

    Ping awaitPong() throws InterruptedException {
      return next(pongs);
    }
  }
}
