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
