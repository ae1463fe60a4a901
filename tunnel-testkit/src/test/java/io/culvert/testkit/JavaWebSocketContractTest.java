package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JavaWebSocketContractTest extends ListeningContract {

  @Override
  protected WebSocketDialer dialer() {
    return new JavaWebSocketDialer();
  }

  @Test
  void aSocksProxyIsAskedByName() throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    BlockingQueue<String> names = new LinkedBlockingQueue<>();
    try (RawServer proxy = new RawServer(socket -> serveSocks(socket, acceptor.address(), names))) {
      URI uri = URI.create("ws://only-the-proxy-knows.example:7000/");
      WebSocket end =
          dialer()
              .dial(
                  new DialRequest(
                      uri,
                      Map.of(),
                      SUBPROTOCOL,
                      DIAL_TIMEOUT,
                      null,
                      new Proxy(Proxy.Type.SOCKS, proxy.address()),
                      null,
                      MAX_MESSAGE_BYTES),
                  dialed);
      assertEquals("only-the-proxy-knows.example:7000", names.take());
      end.ping(bytes(3, 1));
      dialed.opened();
      assertEquals(bytes(3, 1), dialed.next(RecordingListener.Event.Pong.class).data());
      end.abort();
    }
  }

  /** RFC 1928, as far as a dialer without authentication goes. */
  private static void serveSocks(
      Socket dialer, InetSocketAddress target, BlockingQueue<String> names)
      throws IOException, InterruptedException {
    DataInputStream in = new DataInputStream(dialer.getInputStream());
    assertEquals(0x050100, in.readByte() << 16 | in.readUnsignedShort());
    dialer.getOutputStream().write(new byte[] {5, 0});
    assertEquals(0x05010003, in.readInt());
    String name = new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
    names.add(name + ":" + in.readUnsignedShort());
    dialer.getOutputStream().write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 1});
    try (Socket onward = new Socket(target.getAddress(), target.getPort())) {
      Thread back = new Thread(() -> copy(onward, dialer), "socks-test-back");
      back.start();
      copy(dialer, onward);
      back.join();
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // The test is over.
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nX-Evil: 1", "a\u0000", "\u00e4"})
  void aHeaderValueThatCouldForgeHeadersIsRefused(String value) {
    DialRequest request =
        new DialRequest(
            URI.create("ws://localhost:1/"),
            Map.of("X-Mine", value),
            SUBPROTOCOL,
            DIAL_TIMEOUT,
            null,
            Proxy.NO_PROXY,
            null,
            MAX_MESSAGE_BYTES);
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> dialer().dial(request, dialed));
    assertTrue(error.getMessage().contains("X-Mine"), error::toString);
    assertFalse(error.getMessage().contains(value), error::toString);
  }
}
