package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.jetty.JettyAcceptor;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Dialers that mean no good to an acceptor over Jetty. */
@Timeout(120) // a hang guard
class JettyAcceptorTest {
  private WebSocketAcceptor acceptor;

  private Socket start(Duration upgradeTimeout) throws IOException {
    acceptor =
        new JettyAcceptor(
            new ListenRequest(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new WebSocketAcceptor.Limits(1000, upgradeTimeout),
                null,
                "culvert-test"));
    acceptor.start(upgrade -> new Upgrade.Accept(null, new RecordingListener()));
    return new Socket(InetAddress.getLoopbackAddress(), acceptor.address().getPort());
  }

  @AfterEach
  void close() {
    acceptor.close();
  }

  @Test
  void aDialerThatAsksEverSoSlowlyIsDroppedInTime() throws Exception {
    try (Socket socket = start(Duration.ofMillis(200))) {
      socket
          .getOutputStream()
          .write("GET / HTTP/1.1\r\nX-Slow: ".getBytes(StandardCharsets.US_ASCII));
      assertThrows(
          IOException.class,
          () -> {
            // It is never idle for long, and needs minutes for the longest head that is allowed.
            while (true) {
              socket.getOutputStream().write('x');
              LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
          });
    }
  }

  @Test
  void aFloodOfPingsFromAPeerThatDoesNotReadTakesNoMemory() throws Exception {
    int pings = 200_000;
    int length = 125;
    try (Socket socket = start(Duration.ofSeconds(30))) {
      RawUpgrade.request(socket);
      RawServer.readHead(socket.getInputStream());
      ByteBuffer frame =
          ByteBuffer.allocate(6 + length).put((byte) 0x89).put((byte) (0x80 | length));
      for (int i = 1; i <= pings; i++) {
        // Masked with a key of zeros, which changes nothing.
        socket.getOutputStream().write(frame.putInt(6, i).array());
      }
      DataInputStream pongs = new DataInputStream(socket.getInputStream());
      int count = 0;
      int latest = 0;
      while (latest < pings) {
        assertEquals((short) (0x8a00 | length), pongs.readShort());
        latest = pongs.readInt();
        pongs.skipNBytes(length - Integer.BYTES);
        count++;
      }
      assertTrue(count < pings, "25 MiB of pongs were kept: more than any socket buffer");
    }
  }
}
