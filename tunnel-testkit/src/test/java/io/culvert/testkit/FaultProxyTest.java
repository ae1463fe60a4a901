package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.FaultProxy.Direction;
import io.culvert.testkit.FaultProxy.Fault;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120) // a hang guard
class FaultProxyTest {
  private final RawServer echo =
      new RawServer(socket -> socket.getInputStream().transferTo(socket.getOutputStream()));
  private final FaultProxy proxy = new FaultProxy(echo.address());
  private final Socket socket = new Socket(proxy.address().getAddress(), proxy.address().getPort());

  FaultProxyTest() throws IOException {}

  @AfterEach
  void close() throws Exception {
    socket.close();
    proxy.close();
    echo.close();
    long left =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("culvert-fault-proxy"))
            .count();
    assertEquals(0, left);
  }

  private void roundTrip(byte... bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    assertArrayEquals(bytes, socket.getInputStream().readNBytes(bytes.length));
  }

  @Test
  void bytesAndHalfClosePass() throws IOException {
    roundTrip(new byte[100_000]);
    assertEquals(1, proxy.connections());
    socket.shutdownOutput();
    assertEquals(-1, socket.getInputStream().read());
  }

  @Test
  void cutIsAnOrderlyEnd() throws IOException {
    roundTrip((byte) 1);
    proxy.inject(Fault.CUT);
    assertEquals(-1, socket.getInputStream().read());
    assertEquals(0, proxy.connections());
  }

  @Test
  void resetIsAReset() throws IOException {
    roundTrip((byte) 1);
    proxy.inject(Fault.RESET);
    assertThrows(SocketException.class, () -> socket.getInputStream().read());
  }

  @Test
  void aBlackHoleSwallowsForEver() throws IOException {
    roundTrip((byte) 1);
    proxy.inject(Fault.BLACK_HOLE);
    // More than socket buffers hold: the bytes do leave.
    socket.getOutputStream().write(new byte[8 << 20]);
    assertSilent();
    echo.close();
    assertSilent();
  }

  @Test
  void newConnectionsCanBeBornIntoAFault() throws IOException {
    // Connected is not yet accepted: only an answer shows that the first came before the fault.
    roundTrip((byte) 1);
    proxy.injectIntoNew(Fault.BLACK_HOLE);
    roundTrip((byte) 2);
    try (Socket second = new Socket(proxy.address().getAddress(), proxy.address().getPort())) {
      second.getOutputStream().write(1);
      second.setSoTimeout(50);
      assertThrows(SocketTimeoutException.class, () -> second.getInputStream().read());
    }
  }

  private void assertSilent() throws IOException {
    socket.setSoTimeout(50);
    assertThrows(SocketTimeoutException.class, () -> socket.getInputStream().read());
    socket.setSoTimeout(0);
  }

  @Test
  void aStoppedReaderGoesOnWhereItStopped() throws Exception {
    roundTrip((byte) 1);
    proxy.inject(Fault.STOP_READING);
    byte[] sent = new byte[8 << 20];
    Thread writer =
        new Thread(
            () -> {
              try {
                OutputStream out = socket.getOutputStream();
                out.write(sent);
              } catch (IOException e) {
                // The reader below fails then.
              }
            },
            "fault-proxy-test-writer");
    writer.start();
    assertSilent();
    assertTrue(writer.isAlive(), "8 MiB must be more than the buffers hold");
    proxy.inject(Fault.NONE);
    assertArrayEquals(sent, socket.getInputStream().readNBytes(sent.length));
    writer.join();
  }

  @Test
  void halfCloseEndsOneDirectionOnly() throws Exception {
    CompletableFuture<Socket> accepted = new CompletableFuture<>();
    CountDownLatch seen = new CountDownLatch(1);
    try (RawServer talker =
            new RawServer(
                peer -> {
                  accepted.complete(peer);
                  seen.await();
                });
        FaultProxy between = new FaultProxy(talker.address());
        Socket dialer = new Socket(between.address().getAddress(), between.address().getPort())) {
      dialer.getOutputStream().write(1);
      Socket target = accepted.get();
      assertEquals(1, target.getInputStream().read());

      between.halfClose(Direction.TO_TARGET);

      assertEquals(-1, target.getInputStream().read());
      dialer.getOutputStream().write(new byte[8 << 20]); // goes nowhere, and blocks nobody
      target.getOutputStream().write(2);
      assertEquals(2, dialer.getInputStream().read());
      assertEquals(1, between.connections());
      seen.countDown();
      assertEquals(-1, dialer.getInputStream().read());
    }
  }

  @Test
  void exactlySoManyMoreBytesPass() throws IOException {
    roundTrip(new byte[1_000]);
    proxy.truncate(Direction.TO_DIALER, 100_001);
    roundTrip(new byte[100_000]);
    socket.getOutputStream().write(new byte[] {7, 8, 9});
    assertArrayEquals(new byte[] {7}, socket.getInputStream().readAllBytes());
  }

  @Test
  void onlyTheNextConnectionIsBornTruncated() throws IOException {
    roundTrip((byte) 1); // only an answer shows that it was accepted before
    proxy.truncateNext(Direction.TO_TARGET, 2);
    try (Socket second = new Socket(proxy.address().getAddress(), proxy.address().getPort());
        Socket third = new Socket(proxy.address().getAddress(), proxy.address().getPort())) {
      second.getOutputStream().write(new byte[] {1, 2, 3});
      assertArrayEquals(new byte[] {1, 2}, second.getInputStream().readAllBytes());
      third.getOutputStream().write(new byte[] {1, 2, 3});
      assertArrayEquals(new byte[] {1, 2, 3}, third.getInputStream().readNBytes(3));
    }
  }

  @Test
  void aBlackHoleMayBeInOneDirectionOnly() throws Exception {
    BlockingQueue<Integer> arrived = new LinkedBlockingQueue<>();
    try (RawServer listener =
            new RawServer(
                peer -> {
                  peer.getOutputStream().write(1);
                  for (int b = peer.getInputStream().read(); b >= 0; ) {
                    arrived.add(b);
                    peer.getOutputStream().write(b);
                    b = peer.getInputStream().read();
                  }
                });
        FaultProxy between = new FaultProxy(listener.address());
        Socket dialer = new Socket(between.address().getAddress(), between.address().getPort())) {
      assertEquals(1, dialer.getInputStream().read());
      between.inject(Direction.TO_DIALER, Fault.BLACK_HOLE);
      dialer.getOutputStream().write(2);
      assertEquals(2, arrived.take());
      dialer.setSoTimeout(50);
      assertThrows(SocketTimeoutException.class, () -> dialer.getInputStream().read());
      assertThrows(
          IllegalArgumentException.class, () -> between.inject(Direction.TO_DIALER, Fault.CUT));
    }
  }

  @Test
  void aBlackHoleThatBothSidesHaveLeftIsGone() throws IOException {
    roundTrip((byte) 1);
    proxy.inject(Fault.BLACK_HOLE);
    socket.close();
    assertEquals(1, proxy.connections());
    echo.close();
    Await.until("the connection is gone", () -> proxy.connections() == 0);
  }

  @Test
  void delayAndThrottleTakeTheirTime() throws IOException {
    proxy.delay(Duration.ofMillis(50));
    long before = System.nanoTime();
    roundTrip((byte) 1);
    long tripMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
    assertTrue(tripMillis >= 100, "50 ms each way took " + tripMillis);
    proxy.delay(Duration.ZERO);
    proxy.throttle(Direction.TO_TARGET, 10_000);
    before = System.nanoTime();
    roundTrip(new byte[2_000]);
    long throttledMillis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before);
    assertTrue(throttledMillis >= 150, "2 kB at 10 kB/s took " + throttledMillis);
  }
}
