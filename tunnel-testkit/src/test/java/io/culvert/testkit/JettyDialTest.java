package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.jetty.JettyDialer;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a dial over Jetty sends, and what it says when it fails. */
@Timeout(120) // a hang guard
class JettyDialTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final RecordingListener dialed = new RecordingListener();

  private static DialRequest request(
      String uri, Map<String, String> headers, String subprotocol, Proxy proxy) {
    return new DialRequest(URI.create(uri), headers, subprotocol, LONG, null, proxy, null, 1024);
  }

  private WebSocket dial(DialRequest request) throws IOException {
    return new JettyDialer().dial(request, dialed);
  }

  private String failure(String uri, Proxy proxy) {
    return assertThrows(IOException.class, () -> dial(request(uri, Map.of(), null, proxy)))
        .getMessage();
  }

  private static String at(InetSocketAddress address) {
    return "ws://127.0.0.1:" + address.getPort();
  }

  private static int freePort() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return server.getLocalPort();
    }
  }

  @Test
  void theRequestIsWhatTheHandshakeNeedsAndNothingOfTheLibrarys() throws Exception {
    BlockingQueue<String> heads = new LinkedBlockingQueue<>();
    try (RawServer server =
        new RawServer(
            socket -> {
              heads.add(RawServer.readHead(socket.getInputStream()));
              socket
                  .getOutputStream()
                  .write("HTTP/1.1 404 No\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            })) {
      Map<String, String> headers =
          Map.of("X-Mine", "a, b;c", "Sec-WebSocket-Extensions", "permessage-deflate");
      DialRequest request =
          request(at(server.address()) + "/p%2fq?a=b%20c&d", headers, "one", Proxy.NO_PROXY);
      assertThrows(UpgradeException.class, () -> dial(request));
      List<String> lines = new ArrayList<>(List.of(heads.take().split("\r\n", -1)));
      assertEquals("GET /p%2fq?a=b%20c&d HTTP/1.1", lines.remove(0));
      assertTrue(lines.contains("X-Mine: a, b;c"), lines::toString);
      assertTrue(lines.contains("Sec-WebSocket-Protocol: one"), lines::toString);
      assertTrue(lines.contains("Host: 127.0.0.1:" + server.address().getPort()), lines::toString);
      assertEquals(
          List.of(
              "cache-control",
              "connection",
              "host",
              "pragma",
              "sec-websocket-key",
              "sec-websocket-protocol",
              "sec-websocket-version",
              "upgrade",
              "x-mine"),
          lines.stream()
              .filter(line -> !line.isEmpty())
              .map(line -> line.substring(0, line.indexOf(':')).toLowerCase(Locale.ROOT))
              .sorted()
              .toList());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nX-Evil: 1", "a\u0000", "\u00e4"})
  void aHeaderValueThatCouldForgeHeadersIsRefused(String value) {
    DialRequest request =
        request("ws://localhost:1/", Map.of("X-Mine", value), null, Proxy.NO_PROXY);
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> dial(request));
    assertTrue(error.getMessage().contains("X-Mine"), error::toString);
    assertFalse(error.getMessage().contains(value), error::toString);
  }

  @Test
  void aRefusalWhoseBodyNeverEndsIsKnownByItsHead() throws Exception {
    try (RawServer server =
        new RawServer(
            socket -> {
              RawServer.readHead(socket.getInputStream());
              socket
                  .getOutputStream()
                  .write(
                      "HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\n1"
                          .getBytes(StandardCharsets.US_ASCII));
              int unused = socket.getInputStream().read(); // until the dialer has gone
            })) {
      DialRequest request = request(at(server.address()), Map.of(), null, Proxy.NO_PROXY);
      UpgradeException error = assertThrows(UpgradeException.class, () -> dial(request));
      assertEquals(403, error.status());
      assertTrue(error.getMessage().contains("check the credentials"), error::toString);
    }
  }

  @Test
  void anInterimAnswerIsNotTheAnswer() throws Exception {
    byte[] hints =
        "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    try (RawServer server =
        new RawServer(
            socket -> {
              Await.until("the request comes", () -> available(socket) > 0);
              socket.getOutputStream().write(hints);
              RawUpgrade.accept(socket);
              int unused = socket.getInputStream().read();
            })) {
      dial(request(at(server.address()), Map.of(), null, Proxy.NO_PROXY)).abort();
      dialed.opened();
    }
  }

  private static int available(Socket socket) {
    try {
      return socket.getInputStream().available();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void whatNobodyListensForIsNamed() throws Exception {
    int free = freePort();
    assertTrue(
        failure("ws://127.0.0.1:" + free, Proxy.NO_PROXY)
            .startsWith("cannot connect to 127.0.0.1:" + free + ": "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP", "SOCKS"})
  void anUnreachableProxyIsCalledAProxy(String type) throws Exception {
    int free = freePort();
    Proxy proxy =
        new Proxy(
            Proxy.Type.valueOf(type),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), free));
    String message = failure("ws://127.0.0.1:1", proxy);
    assertTrue(message.startsWith("cannot connect to the proxy "), message);
    assertTrue(message.contains(":" + free), message);
  }

  @Test
  void anUnknownHostIsNamed() {
    String unknown = "a".repeat(64); // too long for any name server to be asked
    String message = failure("ws://" + unknown + "/secret?x", Proxy.NO_PROXY);
    assertEquals("cannot connect to " + unknown + ":80: the host is not known", message);
  }

  @Test
  void aServerThatHangsUpIsToldFromOneThatRefuses() throws Exception {
    try (RawServer server = new RawServer(socket -> RawServer.readHead(socket.getInputStream()))) {
      String message = failure(at(server.address()), Proxy.NO_PROXY);
      assertTrue(message.endsWith("closed the socket before it answered the upgrade"), message);
    }
  }

  @Test
  void clearTextToATlsServerIsToldToUseWss() throws Exception {
    byte[] alert = {21, 3, 3, 0, 2, 2, 10};
    try (RawServer server =
        new RawServer(
            socket -> {
              RawServer.readHead(socket.getInputStream());
              socket.getOutputStream().write(alert);
              int unused = socket.getInputStream().read();
            })) {
      String message = failure(at(server.address()), Proxy.NO_PROXY);
      assertTrue(message.contains("dial wss://"), message);
    }
  }

  @Test
  void tlsToAClearTextServerIsToldWhere() throws Exception {
    byte[] answer = "HTTP/1.1 400 Bad\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    try (RawServer server =
        new RawServer(
            socket -> {
              int unused = socket.getInputStream().read();
              socket.getOutputStream().write(answer);
              socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            })) {
      String uri = "wss://127.0.0.1:" + server.address().getPort();
      String message = failure(uri, Proxy.NO_PROXY);
      assertTrue(message.contains("TLS with 127.0.0.1:"), message);
      assertTrue(message.contains("check that the server speaks TLS at this port"), message);
    }
  }

  @Test
  void aSocksProxyIsAskedByName() throws Exception {
    BlockingQueue<String> names = new LinkedBlockingQueue<>();
    try (RawServer proxy =
        new RawServer(
            socket -> {
              names.add(acceptSocks(socket));
              RawUpgrade.accept(socket);
              RawUpgrade.frame(socket, 0x82, new byte[] {7});
              int unused = socket.getInputStream().read();
            })) {
      String uri = "ws://only-the-proxy-knows.example:7000/";
      dial(request(uri, Map.of(), null, new Proxy(Proxy.Type.SOCKS, proxy.address())));
      assertEquals("only-the-proxy-knows.example:7000", names.take());
      dialed.opened();
      assertEquals(
          ByteBuffer.wrap(new byte[] {7}),
          dialed.next(RecordingListener.Event.Binary.class).message());
    }
  }

  /** RFC 1928, as far as a dialer without authentication goes; what it asks for. */
  private static String acceptSocks(Socket dialer) throws IOException {
    DataInputStream in = new DataInputStream(dialer.getInputStream());
    assertEquals(0x050100, in.readByte() << 16 | in.readUnsignedShort());
    dialer.getOutputStream().write(new byte[] {5, 0});
    assertEquals(0x05010003, in.readInt());
    String name = new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
    String asked = name + ":" + in.readUnsignedShort();
    dialer.getOutputStream().write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 1});
    return asked;
  }
}
