package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.jakarta.JakartaMount;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.Session;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract for a {@link JakartaMount} in a servlet container, and what is its own. */
abstract class JakartaContract extends WebSocketNetworkContract {
  private static final WebSocketAcceptor.Limits LIMITS =
      new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, DIAL_TIMEOUT);

  /** Starts the servlet container. */
  protected abstract HostedAcceptor.Host host(
      HttpServlet servlet, SSLContext tls, String path, Duration timeout) throws IOException;

  @Override
  protected WebSocketDialer dialer() {
    return new JavaWebSocketDialer();
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    return new HostedAcceptor(limits, servlet -> host(servlet, tls, "/*", limits.upgradeTimeout()));
  }

  @Override
  protected WebSocketAcceptor acceptorAt(int port) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    return new JakartaMount().acceptor(new ListenRequest(address, LIMITS, null, "culvert-test"));
  }

  /** The host binds; the acceptor takes no address. */
  @Override
  @Test
  void anAddressInUseIsNamed() {
    assertThrows(IllegalArgumentException.class, () -> acceptorAt(1));
  }

  /** Without the request of empty lines, which servlet containers skip (RFC 9112 section 2.2). */
  @Override
  @ParameterizedTest
  @ValueSource(strings = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "rubbish\r\n\r\n"})
  void whatIsNoUpgradeIsAnsweredWithAnErrorAndHarmsNobody(String request) throws IOException {
    super.whatIsNoUpgradeIsAnsweredWithAnErrorAndHarmsNobody(request);
  }

  /** Its acceptor is started. */
  protected JakartaMount startedMount(UpgradeHandler handler) throws IOException {
    JakartaMount mount = new JakartaMount();
    closeLater(mount.acceptor(new ListenRequest(null, LIMITS, null, "culvert-test")))
        .start(handler);
    return mount;
  }

  @Test
  void theServletMayHaveAnyPath() throws IOException {
    JakartaMount mount = startedMount(upgrade -> accept());
    HostedAcceptor.Host host = closeLater(host(mount.servlet(), null, "/some/where", DIAL_TIMEOUT));
    String base = "ws://localhost:" + host.address().getPort();
    dialer().dial(request(URI.create(base + "/some/where?x=1"), SUBPROTOCOL), dialed);
    accepted.opened();
    UpgradeException elsewhere =
        assertThrows(
            UpgradeException.class,
            () -> dialer().dial(request(URI.create(base + "/"), SUBPROTOCOL), dialed));
    assertEquals(404, elsewhere.status());
  }

  @Test
  void aMountHasOneAcceptorWithoutAddressAndTls() throws Exception {
    JakartaMount mount = new JakartaMount();
    assertTrue(mount.hosted());
    SSLContext tls = SSLContext.getDefault();
    assertThrows(
        IllegalArgumentException.class,
        () -> mount.acceptor(new ListenRequest(null, LIMITS, tls, "culvert-test")));
    ListenRequest request = new ListenRequest(null, LIMITS, null, "culvert-test");
    WebSocketAcceptor acceptor = closeLater(mount.acceptor(request));
    assertThrows(IllegalStateException.class, () -> mount.acceptor(request));
    acceptor.start(upgrade -> accept());
    assertThrows(IllegalStateException.class, acceptor::address);
  }

  @Test
  void upgradesAreAnsweredWith503BeforeTheStartAndAfterTheEnd() throws IOException {
    JakartaMount mount = new JakartaMount();
    HostedAcceptor.Host host = closeLater(host(mount.servlet(), null, "/*", DIAL_TIMEOUT));
    assertRefusedWith503(host);
    WebSocketAcceptor acceptor =
        closeLater(mount.acceptor(new ListenRequest(null, LIMITS, null, "culvert-test")));
    assertRefusedWith503(host);
    acceptor.start(upgrade -> accept());
    dial(host.address());
    dialed.opened();
    acceptor.stopListening();
    assertRefusedWith503(host);
    accepted.opened();
    acceptor.close();
    assertEquals(1006, accepted.next(Event.Close.class).code());
    dialed.awaitClose();
    assertRefusedWith503(host);
  }

  private void assertRefusedWith503(HostedAcceptor.Host host) {
    UpgradeException refusal =
        assertThrows(
            UpgradeException.class,
            () -> dialer().dial(request(host.address()), new RecordingListener()));
    assertEquals(503, refusal.status());
  }

  @Test
  void aSubprotocolThatWasNotOfferedIsAMistakeOfTheHandler() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept("other", accepted));
    UpgradeException error = assertThrows(UpgradeException.class, () -> dial(acceptor.address()));
    assertEquals(500, error.status());
    accepted.assertNothingMore();
  }

  @Test
  void aHeaderOfARefusalCannotForgeOthers() throws IOException {
    WebSocketAcceptor acceptor =
        start(upgrade -> new Upgrade.Refuse(403, "no", Map.of("X-Mine", "a\r\nX-Evil: 1")));
    try (Socket socket = new Socket("localhost", acceptor.address().getPort())) {
      RawUpgrade.request(socket, "Sec-WebSocket-Protocol: culvert.v1");
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertFalse(answer.contains("\nX-Evil"), answer);
      assertTrue(answer.contains("\nConnection: close\r\n"), answer);
    }
  }

  @Test
  void textIsCarriedBothWaysAndMalformedTextOnlyFailsItself() throws Exception {
    Ends ends = connect();
    ByteBuffer text = StandardCharsets.UTF_8.encode("\u00e4\ud83d\ude00".repeat(10_000));
    ends.dialer().sendText(text.duplicate(), failure -> {});
    assertEquals(text, accepted.next(Event.Text.class).message());
    CompletableFuture<Throwable> malformed = new CompletableFuture<>();
    ends.acceptor().sendText(ByteBuffer.wrap(new byte[] {(byte) 0xff}), malformed::complete);
    assertTrue(malformed.get() instanceof IOException);
    CompletableFuture<Throwable> written = new CompletableFuture<>();
    ends.acceptor().sendText(text.duplicate(), written::complete);
    assertEquals(text, dialed.next(Event.Text.class).message());
    assertEquals(null, written.get());
    ends.dialer().sendText(ByteBuffer.wrap(new byte[] {(byte) 0xff}), failure -> {});
    assertEquals(1007, accepted.awaitClose().code());
    assertEquals(1007, dialed.awaitClose().code());
  }

  protected Socket dialRaw(InetSocketAddress address) throws IOException {
    Socket socket = closeLater(new Socket("localhost", address.getPort()));
    RawUpgrade.request(socket, "Sec-WebSocket-Protocol: culvert.v1");
    RawServer.readHead(socket.getInputStream());
    return socket;
  }

  /** Masked with a key of zeros, which changes nothing. */
  protected static void frame(Socket socket, int firstByte, byte[] payload) throws IOException {
    byte[] unmasked = RawUpgrade.frame(firstByte, payload);
    int head = unmasked.length - payload.length;
    ByteBuffer frame = ByteBuffer.allocate(unmasked.length + 4).put(unmasked, 0, head);
    frame.put(1, (byte) (frame.get(1) | 0x80)).putInt(0).put(payload);
    socket.getOutputStream().write(frame.array());
  }

  @Test
  void fragmentsBecomeOneMessageWithinTheLimit() throws IOException {
    Socket socket = dialRaw(start(upgrade -> accept()).address());
    accepted.opened();
    byte[] part = bytes(MAX_MESSAGE_BYTES / 2, 1).array();
    ByteBuffer whole = ByteBuffer.allocate(MAX_MESSAGE_BYTES).put(part).put(part).flip();
    frame(socket, 0x02, part);
    frame(socket, 0x8a, new byte[] {1});
    frame(socket, 0x00, part);
    frame(socket, 0x80, new byte[0]);
    assertEquals(ByteBuffer.wrap(new byte[] {1}), accepted.next(Event.Pong.class).data());
    assertEquals(whole, accepted.next(Event.Binary.class).message());
    frame(socket, 0x01, new byte[MAX_MESSAGE_BYTES]);
    frame(socket, 0x80, new byte[1]);
    assertEquals(1009, accepted.next(Event.Close.class).code());
  }

  @Test
  void aListenerThatThrowsEndsItsWebSocketWith1011() throws IOException {
    RecordingListener throwing =
        new RecordingListener() {
          @Override
          public void onBinary(ByteBuffer message) {
            super.onBinary(message);
            throw new IllegalStateException("deliberate, the test expects it");
          }
        };
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, throwing));
    WebSocket end = dial(acceptor.address());
    end.send(bytes(1, 1), failure -> {});
    end.send(bytes(1, 2), failure -> {});
    assertEquals(1011, dialed.awaitClose().code());
    throwing.opened();
    throwing.next(Event.Binary.class);
    assertEquals(1011, throwing.next(Event.Close.class).code());
  }

  @Test
  void aPausedWebSocketSendsAndItsPeerWaits() throws IOException {
    Ends ends = connect();
    ends.acceptor().pause();
    ends.acceptor().pause();
    Sends up = new Sends(ends.dialer());
    for (int i = 0; i < 400; i++) {
      up.send(ByteBuffer.allocate(64 * 1024).putInt(0, i));
    }
    Sends down = new Sends(ends.acceptor());
    for (int i = 0; i < 400; i++) {
      down.send(ByteBuffer.allocate(64 * 1024).putInt(0, i));
      assertEquals(i, dialed.next(Event.Binary.class).message().getInt(0));
    }
    down.awaitAllSucceeded();
    assertTrue(up.pending() > 0, "25 MiB must be more than any socket buffer");
    accepted.assertNothingMore();
    ends.acceptor().resume();
    for (int i = 0; i < 400; i++) {
      assertEquals(i, accepted.next(Event.Binary.class).message().getInt(0));
    }
    up.awaitAllSucceeded();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPausedWebSocketCanBeAborted(boolean byItsAcceptor) throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    WebSocket dialerEnd = dial(acceptor.address());
    WebSocket acceptorEnd = accepted.opened();
    acceptorEnd.pause();
    dialerEnd.send(bytes(10, 1), failure -> {});
    if (byItsAcceptor) {
      acceptor.close();
    } else {
      acceptorEnd.abort();
    }
    assertEquals(1006, accepted.next(Event.Close.class).code());
    dialed.awaitClose();
    accepted.assertNothingMore();
  }

  @Test
  void pauseInsideACallbackHoldsFromTheNextMessageOn() throws IOException {
    RecordingListener pausing =
        new RecordingListener() {
          private WebSocket webSocket;

          @Override
          public void onOpen(WebSocket opened) {
            webSocket = opened;
            super.onOpen(opened);
          }

          @Override
          public void onBinary(ByteBuffer message) {
            webSocket.pause();
            super.onBinary(message);
          }
        };
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, pausing));
    Sends sends = new Sends(dial(acceptor.address()));
    WebSocket end = pausing.opened();
    for (int i = 0; i < 100; i++) {
      sends.send(bytes(10, i));
    }
    sends.awaitAllSucceeded();
    for (int i = 0; i < 100; i++) {
      assertEquals(bytes(10, i), pausing.next(Event.Binary.class).message());
      pausing.assertNothingMore();
      end.resume();
    }
  }

  @Test
  void pingsWaitForNobodyAndArePassedOnInOrder() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    dial(network.address());
    dialed.opened();
    WebSocket end = accepted.opened();
    network.inject(Fault.STOP_READING);
    Sends sends = new Sends(end);
    for (int i = 0; i < 400; i++) {
      sends.send(ByteBuffer.allocate(64 * 1024));
    }
    for (int i = 0; i < 10; i++) {
      end.ping(bytes(4, i));
    }
    assertTrue(sends.pending() > 0, "25 MiB must be more than any socket buffer");
    network.inject(Fault.NONE);
    sends.awaitAllSucceeded();
    for (int i = 0; i < 10; i++) {
      assertEquals(bytes(4, i), accepted.next(Event.Pong.class).data());
    }
  }

  private void stuff(WebSocket end) {
    Sends sends = new Sends(end);
    for (int i = 0; i < 400; i++) {
      sends.send(ByteBuffer.allocate(64 * 1024));
    }
    assertTrue(sends.pending() > 0, "25 MiB must be more than any socket buffer");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theHostDropsTheSocketOfAnAbortedWebSocket(boolean stuck) throws IOException {
    HostedAcceptor.Host host = startedHost();
    dialRaw(host.address());
    WebSocket end = accepted.opened();
    if (stuck) {
      stuff(end);
    }
    end.abort();
    assertEquals(1006, accepted.next(Event.Close.class).code());
    Await.until("the socket is dropped", host::idle);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theHostDropsTheSocketOfACloseWithoutAnswer(boolean stuck) throws IOException {
    HostedAcceptor.Host host = startedHost();
    frame(dialRaw(host.address()), 0x82, new byte[0]);
    WebSocket end = accepted.opened();
    // Tomcat forgets a session that is closed before it has begun to read.
    accepted.next(Event.Binary.class);
    if (stuck) {
      stuff(end);
    }
    end.close(1000, "");
    int code = accepted.next(Event.Close.class).code();
    assertTrue(code == 1006 || (code == 1000 && !stuck), "code " + code);
    Await.until("the socket is dropped", host::idle);
  }

  /** The peer's fault cannot be told to it. */
  @Test
  void theHostDropsTheSocketOfAFaultyPeerThatDoesNotRead() throws IOException {
    HostedAcceptor.Host host = startedHost();
    Socket socket = dialRaw(host.address());
    stuff(accepted.opened());
    frame(socket, 0x81, new byte[] {(byte) 0xff});
    int code = accepted.next(Event.Close.class).code();
    assertTrue(code == 1007 || code == 1006, "code " + code);
    Await.until("the socket is dropped", host::idle);
  }

  private HostedAcceptor.Host startedHost() throws IOException {
    return closeLater(host(startedMount(upgrade -> accept()).servlet(), null, "/*", DIAL_TIMEOUT));
  }

  /** Both hosts have timeouts of a minute as defaults for WebSockets. */
  @Test
  void noTimeoutOfTheHostCutsAWebSocket() throws IOException {
    Session session = (Session) connect().acceptor().underlying();
    assertEquals(0, session.getMaxIdleTimeout());
    assertEquals(0, session.getAsyncRemote().getSendTimeout());
  }

  @Test
  void aClosedAcceptorLeavesNoThreads() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    dial(acceptor.address());
    WebSocket end = accepted.opened();
    end.ping(bytes(1, 1));
    accepted.next(Event.Pong.class);
    acceptor.close();
    Await.noThreads("culvert-test-jakarta-");
  }
}
