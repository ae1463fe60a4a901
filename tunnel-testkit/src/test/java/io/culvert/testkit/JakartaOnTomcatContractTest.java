package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.jakarta.JakartaMount;
import jakarta.servlet.http.HttpServlet;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class JakartaOnTomcatContractTest extends JakartaContract {

  @Override
  protected HostedAcceptor.Host host(
      HttpServlet servlet, SSLContext tls, String path, Duration timeout) throws IOException {
    return host(servlet, tls, path, timeout, true);
  }

  private HostedAcceptor.Host host(
      HttpServlet servlet, SSLContext tls, String path, Duration timeout, boolean webSocket)
      throws IOException {
    return new TomcatHost(
        servlet, Files.createTempDirectory(directory, "tomcat"), tls, path, timeout, webSocket);
  }

  /** Without 1012 and 1013: Tomcat takes what RFC 6455 does not name for a protocol error. */
  @Override
  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1002, 1003, 1008, 1011, 3000, 4999})
  void aCloseCodeReachesBothListenersWhoeverCloses(int code) throws IOException {
    super.aCloseCodeReachesBothListenersWhoeverCloses(code);
  }

  @ParameterizedTest
  @ValueSource(ints = {1012, 1013, 1014})
  void tomcatTakesANewerCloseCodeForAProtocolError(int code) throws IOException {
    Ends ends = connect();
    ends.dialer().close(code, "because");
    assertEquals(new Event.Close(1002, "because"), accepted.next());
    assertEquals(1002, dialed.next(Event.Close.class).code());
  }

  /** Tomcat takes one without a code for a normal one. */
  @Override
  @ParameterizedTest
  @EnumSource(End.class)
  void aCloseFrameWithoutACodeIs1005(End end) throws IOException {
    assertCloseFrameWithoutACodeIs(end == End.ACCEPTOR ? 1000 : 1005, end);
  }

  /** Without 2^31 and more: Tomcat judges a length that is possible when the bytes come. */
  @Override
  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE})
  void aLengthThatNobodyTakesEndsTheWebSocketBeforeItsBytesCome(long length) throws IOException {
    super.aLengthThatNobodyTakesEndsTheWebSocketBeforeItsBytesCome(length);
  }

  @Test
  void withoutAServerContainerTheErrorNamesWhatToAdd() throws IOException {
    JakartaMount mount = startedMount(upgrade -> accept());
    HostedAcceptor.Host host = closeLater(host(mount.servlet(), null, "/*", DIAL_TIMEOUT, false));
    try (Socket socket = new Socket("localhost", host.address().getPort())) {
      RawUpgrade.request(socket, "Connection: close");
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(answer.startsWith("HTTP/1.1 500 "), answer);
      assertTrue(answer.contains("tomcat-embed-websocket"), answer);
    }
  }
}
