package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The part of {@link WebSocketNetworkContract} about peers that answer and ask by hand. */
public abstract class WebSocketPeerContract extends WebSocketContract {

  protected static DialRequest through(
      InetSocketAddress address, Duration timeout, Proxy proxy, String proxyAuthorization) {
    return new DialRequest(
        URI.create("ws://localhost:" + address.getPort() + "/secret-path?token=secret"),
        Map.of("Authorization", "secret"),
        SUBPROTOCOL,
        timeout,
        null,
        proxy,
        proxyAuthorization,
        MAX_MESSAGE_BYTES);
  }

  /** Plays a dialer; waits for nothing longer than the hang guard. */
  private static Socket socketTo(WebSocketAcceptor acceptor) throws IOException {
    Socket socket = new Socket("localhost", acceptor.address().getPort());
    socket.setSoTimeout((int) DIAL_TIMEOUT.toMillis());
    return socket;
  }

  private UpgradeException dialAnswered(String answer) throws IOException {
    try (RawServer server = RawServer.answering(answer)) {
      UpgradeException error =
          assertThrows(
              UpgradeException.class,
              () ->
                  dialer()
                      .dial(through(server.address(), DIAL_TIMEOUT, Proxy.NO_PROXY, null), dialed));
      assertFalse(error.toString().contains("secret"), error::toString);
      dialed.assertNothingMore();
      return error;
    }
  }

  /** The target exists: a dialer that followed would open. */
  @ParameterizedTest
  @CsvSource({"301,ws", "302,http", "302,ws", "303,http", "307,http", "308,ws", "302,https"})
  void aRedirectIsNotFollowed(int status, String scheme) throws IOException {
    int port = start(upgrade -> accept()).address().getPort();
    String location = scheme + "://localhost:" + port + "/";
    String answer =
        "HTTP/1.1 %d Moved\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"
            .formatted(status, location);
    assertEquals(status, dialAnswered(answer).status());
    accepted.assertNothingMore();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Basic realm=\"x\"", "Bearer", "Negotiate"})
  void a401IsTheCallersAffair(String challenge) throws IOException {
    String answer =
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: %s\r\nContent-Length: 2\r\n\r\nno"
            .formatted(challenge);
    assertEquals(401, dialAnswered(answer).status());
  }

  @Test
  void a101MayArriveAByteAtATime() throws IOException {
    try (RawServer server =
        new RawServer(
            socket -> {
              socket.setTcpNoDelay(true);
              for (byte b : RawUpgrade.answer(socket, "Sec-WebSocket-Protocol: culvert.v1")) {
                socket.getOutputStream().write(b);
              }
              RawUpgrade.frame(socket, 0x82, bytes(10, 1).array());
              socket.getInputStream().read();
            })) {
      dial(server.address());
      dialed.opened();
      assertEquals(new Event.Binary(bytes(10, 1)), dialed.next());
    }
  }

  /** Written at once with the 101, so that they are in one segment. */
  @Test
  void whatComesWithThe101ArrivesAfterOnOpen() throws IOException {
    for (int round = 0; round < 20; round++) {
      RecordingListener listener = new RecordingListener();
      try (RawServer server =
          new RawServer(
              socket -> {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                all.write(RawUpgrade.answer(socket, "Sec-WebSocket-Protocol: culvert.v1"));
                for (int i = 0; i < 10; i++) {
                  all.write(RawUpgrade.frame(0x82, bytes(100, i).array()));
                }
                all.write(RawUpgrade.frame(0x88, new byte[] {3, (byte) 0xe8}));
                socket.getOutputStream().write(all.toByteArray());
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
              })) {
        dialer().dial(request(server.address()), listener);
        listener.opened();
        for (int i = 0; i < 10; i++) {
          assertEquals(new Event.Binary(bytes(100, i)), listener.next());
        }
        assertEquals(1000, listener.next(Event.Close.class).code());
      }
    }
  }

  /** As above, the other way round: with the request. */
  @Test
  void whatComesWithTheRequestArrivesAfterOnOpen() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    try (Socket socket = socketTo(acceptor)) {
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      all.write(RawUpgrade.request("Sec-WebSocket-Protocol: culvert.v1"));
      for (int i = 0; i < 10; i++) {
        // Masked with a key of zeros, which changes nothing.
        all.write(new byte[] {(byte) 0x82, (byte) 0x81, 0, 0, 0, 0, (byte) i});
      }
      socket.getOutputStream().write(all.toByteArray());
      accepted.opened();
      for (int i = 0; i < 10; i++) {
        assertEquals(i, accepted.next(Event.Binary.class).message().get(0));
      }
    }
  }

  @Test
  void anAnswerThatIsNotHttpHasStatus0() throws IOException {
    assertEquals(0, dialAnswered("SSH-2.0-OpenSSH_9.2\r\n").status());
  }

  @Test
  void a200IsNotAnUpgrade() throws IOException {
    String answer = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi";
    assertEquals(200, dialAnswered(answer).status());
  }

  @Test
  void a101WithTheWrongKeyIsAnError() throws IOException {
    String answer =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n"
            + "Sec-WebSocket-Protocol: "
            + SUBPROTOCOL
            + "\r\n\r\n";
    assertEquals(101, dialAnswered(answer).status());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sec-WebSocket-Protocol: other",
        "Sec-WebSocket-Protocol: culvert.v1, other",
        "Sec-WebSocket-Protocol: culvert.v1\r\nSec-WebSocket-Protocol: culvert.v1",
        "Sec-WebSocket-Protocol: culvert.v1\r\nSec-WebSocket-Extensions: permessage-deflate",
        "X-No-Protocol: at all"
      })
  void aWronglyNegotiated101IsAnError(String headers) throws IOException {
    try (RawServer server = new RawServer(socket -> RawUpgrade.accept(socket, headers))) {
      UpgradeException error = assertThrows(UpgradeException.class, () -> dial(server.address()));
      assertEquals(101, error.status());
      dialed.assertNothingMore();
    }
  }

  @Test
  void aServerThatNeverAnswersEndsTheDialInTime() throws IOException {
    try (RawServer silent =
        new RawServer(
            socket -> socket.getInputStream().transferTo(OutputStream.nullOutputStream()))) {
      assertThrows(
          SocketTimeoutException.class,
          () ->
              dialer()
                  .dial(
                      through(silent.address(), Duration.ofMillis(200), Proxy.NO_PROXY, null),
                      dialed));
    }
    dialed.assertNothingMore();
  }

  @Test
  void aServerThatHangsUpIsAnIoError() throws IOException {
    try (RawServer server = new RawServer(Socket::close)) {
      IOException error = assertThrows(IOException.class, () -> dial(server.address()));
      assertFalse(error instanceof UpgradeException, error::toString);
    }
  }

  @Test
  void interruptingTheCallerEndsTheDial() throws Exception {
    Duration forLong = DIAL_TIMEOUT.multipliedBy(10); // not what ends it
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch left = new CountDownLatch(1);
    try (RawServer silent =
        new RawServer(
            socket -> {
              reached.countDown();
              try {
                socket.getInputStream().transferTo(OutputStream.nullOutputStream());
              } finally {
                left.countDown();
              }
            })) {
      AtomicReference<Throwable> outcome = new AtomicReference<>();
      Thread caller =
          new Thread(
              () ->
                  outcome.set(
                      assertThrows(
                          IOException.class,
                          () ->
                              dialer()
                                  .dial(
                                      through(silent.address(), forLong, Proxy.NO_PROXY, null),
                                      dialed))),
              "contract-dialing");
      caller.start();
      reached.await();
      caller.interrupt();
      caller.join();
      assertEquals(InterruptedIOException.class, outcome.get().getClass());
      assertTrue(
          left.await(DIAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS), "the socket is still open");
    }
  }

  @Test
  void aRefusalCarriesItsHeadersAndReason() throws IOException {
    WebSocketAcceptor acceptor =
        start(
            upgrade ->
                new Upgrade.Refuse(401, "who are you?", Map.of("WWW-Authenticate", "Bearer")));
    try (Socket socket = socketTo(acceptor)) {
      RawUpgrade.request(socket, "Sec-WebSocket-Protocol: culvert.v1");
      byte[] answer = socket.getInputStream().readAllBytes();
      String text = new String(answer, StandardCharsets.UTF_8);
      assertTrue(text.startsWith("HTTP/1.1 401 "), text);
      assertTrue(text.contains("WWW-Authenticate: Bearer\r\n"), text);
      assertTrue(text.contains("text/plain"), text);
      assertTrue(text.contains("who are you?"), text);
    }
  }

  @Test
  void theAcceptorDeclinesCompressionAndEchoesOneSubprotocol() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    try (Socket socket = socketTo(acceptor)) {
      RawUpgrade.request(
          socket,
          "Sec-WebSocket-Protocol: other, culvert.v1",
          "Sec-WebSocket-Extensions: permessage-deflate");
      String head = RawServer.readHead(socket.getInputStream());
      assertTrue(head.startsWith("HTTP/1.1 101 "), head);
      assertTrue(head.contains("\r\nSec-WebSocket-Protocol: culvert.v1\r\n"), head);
      assertFalse(head.contains("Extensions"), head);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "rubbish\r\n\r\n"})
  void whatIsNoUpgradeIsAnsweredWithAnErrorAndHarmsNobody(String request) throws IOException {
    assertAnsweredWith4xx(request);
  }

  /** RFC 6455 section 4.2.1, one requirement after the other. */
  @ParameterizedTest
  @CsvSource({
    "HTTP/1.1, HTTP/1.0",
    "GET, POST",
    "Sec-WebSocket-Key, X-Key",
    "MDEyMzQ1Njc4OWFiY2RlZg==, ''",
    "Sec-WebSocket-Version: 13, Sec-WebSocket-Version: 12",
    "Sec-WebSocket-Version, X-Version",
    "Upgrade: websocket, Upgrade: h2c",
    "Connection: Upgrade, Connection: keep-alive"
  })
  void anUpgradeThatIsNotOneOfRfc6455IsAnsweredWithAnError(String part, String instead)
      throws IOException {
    String request =
        new String(
            RawUpgrade.request("Sec-WebSocket-Protocol: culvert.v1", "Content-Length: 0"),
            StandardCharsets.US_ASCII);
    assertTrue(request.contains(part));
    assertAnsweredWith4xx(request.replace(part, instead));
  }

  private void assertAnsweredWith4xx(String request) throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    try (Socket socket = socketTo(acceptor)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = RawServer.readHead(socket.getInputStream());
      assertTrue(answer.matches("(?s)HTTP/1\\.[01] 4.*"), answer);
    }
    accepted.assertNothingMore();
    dial(acceptor.address());
    accepted.opened();
  }

  @Test
  void aDialerThatNeverAsksIsDroppedInTime() throws IOException {
    Assumptions.assumeFalse(hosted(), "its server has a time limit of its own");
    WebSocketAcceptor acceptor =
        closeLater(
            acceptor(
                new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, Duration.ofMillis(100)), null));
    acceptor.start(upgrade -> accept());
    try (Socket socket = socketTo(acceptor)) {
      assertEquals(-1, socket.getInputStream().read());
    }
  }

  @Test
  void aFloodOfPingsFromAPeerThatDoesNotReadHarmsNobody() throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    int pings = 100_000;
    try (Socket socket = socketTo(acceptor)) {
      RawUpgrade.request(socket, "Sec-WebSocket-Protocol: culvert.v1");
      RawServer.readHead(socket.getInputStream());
      ByteBuffer flood = ByteBuffer.allocate(pings * 10);
      for (int i = 1; i <= pings; i++) {
        // Masked with a key of zeros, which changes nothing.
        flood.put((byte) 0x89).put((byte) 0x84).putInt(0).putInt(i);
      }
      socket.getOutputStream().write(flood.array());
      DataInputStream pongs = new DataInputStream(socket.getInputStream());
      int latest = 0;
      while (latest < pings) {
        assertEquals((short) 0x8a04, pongs.readShort());
        int answered = pongs.readInt();
        assertTrue(answered > latest, answered + " after " + latest);
        latest = answered;
      }
    }
  }
}
