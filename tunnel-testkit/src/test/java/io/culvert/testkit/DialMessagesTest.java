package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said to somebody who has dialed the wrong thing. */
class DialMessagesTest {
  private static final byte[] TLS_ALERT = {21, 3, 3, 0, 2, 2, 10};

  @Test
  void clearTextToATlsServerIsToldToUseWss() throws Exception {
    String message = answered("ws", TLS_ALERT);
    assertTrue(message.contains("dial wss:// instead of ws://"), message);
  }

  @Test
  void tlsToAClearTextServerIsToldWhere() throws Exception {
    String message = answered("wss", ascii("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assertTrue(message.contains("TLS with 127.0.0.1:"), message);
    assertTrue(message.contains("check that the server speaks TLS at this port"), message);
  }

  @Test
  void pageOfAWebServerIsNoWebSocket() throws Exception {
    String message = answered("ws", ascii("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    assertTrue(message.contains("answered 200; what answers at this URL takes no Web"), message);
  }

  @Test
  void unreachableProxyIsCalledAProxy() throws Exception {
    int free;
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      free = server.getLocalPort();
    }
    Proxy proxy =
        new Proxy(Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), free));
    String message = failure("ws://127.0.0.1:1", proxy);
    assertTrue(message.contains("cannot connect to the proxy "), message);
    assertTrue(message.contains(":" + free), message);
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost:80, with the scheme http",
    "localhost:80, with the scheme localhost",
    "localhost, without a scheme",
    "ws:/localhost, without a host",
    "WS://localhost:65536, with the port 65536",
  })
  void urlThatCannotBeDialedIsToldApart(String url, String fault) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> request(url, Proxy.NO_PROXY))
            .getMessage();
    assertTrue(message.endsWith("but got one " + fault), message);
  }

  /** The message of a dial to a server that answers the first bytes with these, whatever comes. */
  private static String answered(String scheme, byte[] answer) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      CompletableFuture<Void> served =
          CompletableFuture.runAsync(
              () -> {
                try (Socket socket = server.accept()) {
                  int unused = socket.getInputStream().read();
                  socket.getOutputStream().write(answer);
                  // Until the dialer has gone: a reset might overtake the answer.
                  socket.shutdownOutput();
                  socket.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                  // The dialer is done with it.
                }
              });
      String message = failure(scheme + "://127.0.0.1:" + server.getLocalPort(), Proxy.NO_PROXY);
      served.join();
      return message;
    }
  }

  private static String failure(String url, Proxy proxy) {
    DialRequest request = request(url, proxy);
    return assertThrows(
            IOException.class,
            () -> new JavaWebSocketDialer().dial(request, new RecordingListener()))
        .getMessage();
  }

  private static DialRequest request(String url, Proxy proxy) {
    return new DialRequest(
        URI.create(url), Map.of(), null, Duration.ofSeconds(60), null, proxy, null, 1024);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
