package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.jdk.JdkDialer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is particular to {@code java.net.http}; the rest is in {@link JdkDialerContractTest}. */
class JdkDialerTest extends WebSocketFixture {
  private final Set<Thread> before = clients();

  private static final String ACCEPT = "Sec-WebSocket-Protocol: " + SUBPROTOCOL;

  @Override
  protected WebSocketDialer dialer() {
    return new JdkDialer();
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    return new JavaWebSocketAcceptor(
        new ListenRequest(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), limits, tls, "jdk-test"));
  }

  private static DialRequest with(Map<String, String> headers, Proxy proxy, String authorization) {
    return new DialRequest(
        URI.create("ws://localhost:1/"),
        headers,
        SUBPROTOCOL,
        DIAL_TIMEOUT,
        null,
        proxy,
        authorization,
        MAX_MESSAGE_BYTES);
  }

  private IllegalArgumentException refusedHeader(String name, String value) {
    DialRequest request = with(Map.of(name, value), Proxy.NO_PROXY, null);
    return assertThrows(
        IllegalArgumentException.class, () -> dialer().dial(request, new RecordingListener()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Host",
        "connection",
        "Upgrade",
        "Content-Length",
        "Expect",
        "Sec-WebSocket-Key",
        "sec-websocket-protocol",
        "Sec-WebSocket-Version",
        "Sec-WebSocket-Extensions",
        "Proxy-Authorization"
      })
  void aHeaderThatTheJdkWouldNotSendIsRefused(String name) {
    IllegalArgumentException error = refusedHeader(name, "secret");
    assertTrue(error.getMessage().contains(name), error::toString);
    assertFalse(error.toString().contains("secret"), error::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nX-Evil: 1", "a\u0000", "\u00e4"})
  void aHeaderValueThatCouldForgeHeadersIsRefused(String value) {
    IllegalArgumentException error = refusedHeader("X-Mine", value);
    assertTrue(error.getMessage().contains("X-Mine"), error::toString);
    assertFalse(error.getMessage().contains(value), error::toString);
  }

  @Test
  void aSocksProxyIsUnsupported() {
    DialRequest request =
        with(Map.of(), new Proxy(Proxy.Type.SOCKS, new InetSocketAddress("localhost", 1)), null);
    UnsupportedOperationException error =
        assertThrows(
            UnsupportedOperationException.class,
            () -> dialer().dial(request, new RecordingListener()));
    assertTrue(error.getMessage().contains("JavaWebSocketDialer"), error::toString);
  }

  @Test
  void proxyCredentialsThatTheJdkWouldDropFailTheDialAndSayWhatToDo() throws Exception {
    String property = "jdk.http.auth.tunneling.disabledSchemes";
    String before = System.getProperty(property);
    try (ConnectProxy proxy = new ConnectProxy("Basic c2VjcmV0")) {
      for (String disabled : new String[] {null, "Digest, basic"}) {
        if (disabled == null) {
          System.clearProperty(property); // the JDK's own default disables Basic
        } else {
          System.setProperty(property, disabled);
        }
        DialRequest request = with(Map.of(), proxy.proxy(), "Basic c2VjcmV0");
        UnsupportedOperationException error =
            assertThrows(
                UnsupportedOperationException.class,
                () -> dialer().dial(request, new RecordingListener()));
        assertTrue(error.getMessage().contains("-D" + property + "= "), error::toString);
        assertFalse(error.getMessage().contains("c2VjcmV0"), error::toString);
      }
      assertEquals(List.of(), List.copyOf(proxy.targets()));
    } finally {
      if (before == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, before);
      }
    }
  }

  @Test
  void proxyCredentialsDoNotReachTheServer() throws Exception {
    CompletableFuture<String> seen = new CompletableFuture<>();
    WebSocketAcceptor acceptor =
        start(
            upgrade -> {
              seen.complete(String.valueOf(upgrade.header("Proxy-Authorization")));
              return accept();
            });
    ConnectProxy proxy = closeLater(new ConnectProxy("Bearer c2VjcmV0"));
    DialRequest request =
        WebSocketPeerContract.through(
            acceptor.address(), DIAL_TIMEOUT, proxy.proxy(), "Bearer c2VjcmV0");
    dialer().dial(request, dialed).abort();
    assertEquals("null", seen.join());
    assertEquals(1, proxy.targets().size());
  }

  /** In parts of the JDK's buffer, which end inside characters. */
  @Test
  void textOfManyCharactersArrivesAsItWasBothWays() throws IOException {
    Ends ends = connect();
    ByteBuffer text =
        StandardCharsets.UTF_8.encode("a\u00e4\u20ac\ud83d\ude00".repeat(MAX_MESSAGE_BYTES / 10));
    CompletableFuture<Throwable> written = new CompletableFuture<>();
    ends.dialer().sendText(text, written::complete);
    assertEquals(text, accepted.next(Event.Text.class).message());
    assertNull(written.join());
    ends.acceptor().sendText(text, failure -> {});
    assertEquals(text, dialed.next(Event.Text.class).message());
  }

  @Test
  void textBeyondTheLimitInBytesCloses() throws IOException {
    Ends ends = connect();
    String tooLong = "\u20ac".repeat(MAX_MESSAGE_BYTES / 3 + 1);
    ends.acceptor().sendText(StandardCharsets.UTF_8.encode(tooLong), failure -> {});
    assertEquals(1009, dialed.next(Event.Close.class).code());
    assertEquals(1008, accepted.awaitClose().code(), "the JDK does not send 1009");
  }

  @Test
  void aMessageBeyondTheLimitCloses() throws IOException {
    Ends ends = connect();
    ends.acceptor().send(bytes(MAX_MESSAGE_BYTES + 1, 1), failure -> {});
    assertEquals(1009, dialed.next(Event.Close.class).code());
    assertEquals(1008, accepted.awaitClose().code(), "the JDK does not send 1009");
  }

  @Test
  void textThatIsNotUtf8FailsAndTheWebSocketGoesOn() throws IOException {
    Ends ends = connect();
    CompletableFuture<Throwable> written = new CompletableFuture<>();
    ends.dialer().sendText(ByteBuffer.wrap(new byte[] {'a', (byte) 0xff}), written::complete);
    assertTrue(written.join() instanceof IOException);
    ends.dialer().sendText(ByteBuffer.wrap(new byte[] {'b'}), failure -> {});
    assertEquals(ByteBuffer.wrap(new byte[] {'b'}), accepted.next(Event.Text.class).message());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatThePeerMayNotSendHasACodeAndAReason(boolean text) throws IOException {
    byte[] bad = {(byte) 0xff};
    try (RawServer server =
        new RawServer(
            socket -> {
              RawUpgrade.accept(socket, ACCEPT);
              RawUpgrade.frame(socket, text ? 0x81 : 0x80, bad);
              socket.getInputStream().read();
            })) {
      dial(server.address());
      dialed.opened();
      Event.Close end = dialed.next(Event.Close.class);
      assertEquals(text ? 1007 : 1002, end.code());
      assertTrue(end.reason().contains(text ? "UTF-8" : "frame"), end::toString);
    }
  }

  /** The JDK loses an end that it reads while a callback runs. */
  @Test
  void anEndRightBehindAMessageIsNoticed() throws Exception {
    Semaphore gone = new Semaphore(0);
    try (RawServer server =
        new RawServer(
            socket -> {
              RawUpgrade.accept(socket, ACCEPT);
              socket.getInputStream().readNBytes(7); // the message that says go
              RawUpgrade.frame(socket, 0x82, new byte[1]);
              socket.close();
              gone.release();
            })) {
      for (int i = 0; i < 20; i++) {
        RecordingListener listener =
            new RecordingListener() {
              @Override
              public void onBinary(ByteBuffer message) {
                gone.acquireUninterruptibly();
                super.onBinary(message);
              }
            };
        dialer().dial(request(server.address()), listener).send(bytes(1, i), failure -> {});
        listener.opened();
        listener.next(Event.Binary.class);
        assertEquals(1006, listener.next(Event.Close.class).code());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 5, 10, 100})
  void anEndDuringAPauseIsNoticedAfterIt(int messages) throws Exception {
    CountDownLatch gone = new CountDownLatch(1);
    try (RawServer server =
        new RawServer(
            socket -> {
              RawUpgrade.accept(socket, ACCEPT);
              socket.getInputStream().readNBytes(7); // the message that says go
              for (int i = 0; i < messages; i++) {
                RawUpgrade.frame(socket, 0x82, ByteBuffer.allocate(16_000).putInt(0, i).array());
              }
              socket.close();
              gone.countDown();
            })) {
      WebSocket end = dial(server.address());
      dialed.opened();
      end.pause();
      end.send(bytes(1, 1), failure -> {});
      gone.await();
      dialed.assertNothingMore();
      end.resume();
      for (int i = 0; i < messages; i++) {
        assertEquals(i, dialed.next(Event.Binary.class).message().getInt(0));
      }
      assertEquals(1006, dialed.next(Event.Close.class).code());
    }
  }

  @Test
  void whatComesWhileHeldMessagesAreDeliveredComesBehindThem() throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    CountDownLatch secondIsThere = new CountDownLatch(1);
    RecordingListener listener =
        new RecordingListener() {
          @Override
          public void onBinary(ByteBuffer message) {
            if (message.get(0) == 1) {
              awaitUninterruptibly(secondIsThere);
            }
            super.onBinary(message);
          }
        };
    WebSocket end = dialer().dial(request(acceptor.address()), listener);
    listener.opened();
    WebSocket peer = accepted.opened();
    end.pause();
    for (byte i = 1; i <= 3; i++) {
      peer.send(ByteBuffer.wrap(new byte[] {i}), failure -> {});
      peer.ping(ByteBuffer.wrap(new byte[] {i}));
      // The JDK answers it when the message before has come.
      assertEquals(i, accepted.next(Event.Pong.class).data().get());
      if (i == 1) {
        end.resume();
      }
    }
    secondIsThere.countDown();
    for (byte i = 1; i <= 3; i++) {
      assertEquals(i, listener.next(Event.Binary.class).message().get());
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted inside a callback", e);
    }
  }

  @Test
  void aCloseDuringAPauseComesBehindWhatWasHeld() throws Exception {
    Ends ends = connect();
    ends.dialer().pause();
    ends.acceptor().send(bytes(1, 1), failure -> {});
    ends.acceptor().close(4000, "over");
    accepted.awaitClose();
    dialed.assertNothingMore();
    ends.dialer().resume();
    ends.dialer().pause();
    ends.dialer().resume();
    assertEquals(bytes(1, 1), dialed.next(Event.Binary.class).message());
    assertEquals(new Event.Close(4000, "over"), dialed.next());
  }

  @Test
  void abortDuringAPauseEndsItAndForgetsWhatWasHeld() throws Exception {
    Ends ends = connect();
    ends.dialer().pause();
    ends.acceptor().send(bytes(1, 1), failure -> {});
    ends.acceptor().close(4000, "over");
    accepted.awaitClose();
    ends.dialer().abort();
    assertEquals(1006, dialed.next(Event.Close.class).code());
    ends.dialer().resume();
    dialed.assertNothingMore();
  }

  @Test
  void aPauseStallsThePeerAndNothingIsLost() throws Exception {
    Ends ends = connect();
    ends.dialer().pause();
    Sends down = new Sends(ends.acceptor());
    int count = 400;
    for (int i = 0; i < count; i++) {
      down.send(ByteBuffer.allocate(64 * 1024).putInt(0, i));
    }
    // In the time in which as much gets through elsewhere.
    RecordingListener elsewhere = new RecordingListener();
    RecordingListener there = new RecordingListener();
    WebSocketAcceptor other = start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, there));
    WebSocket unpaused = dialer().dial(request(other.address()), elsewhere);
    elsewhere.opened();
    Sends free = new Sends(there.opened());
    for (int i = 0; i < count; i++) {
      free.send(ByteBuffer.allocate(64 * 1024));
      elsewhere.next(Event.Binary.class);
    }
    unpaused.abort();
    assertTrue(down.pending() > 0, "25 MiB must be more than any socket buffer");
    dialed.assertNothingMore();
    ends.dialer().resume();
    for (int i = 0; i < count; i++) {
      if (i % 7 == 0) {
        ends.dialer().pause();
        ends.dialer().resume();
      }
      assertEquals(i, dialed.next(Event.Binary.class).message().getInt(0));
    }
    down.awaitAllSucceeded();
    ends.acceptor().close(1000, "");
    assertEquals(1000, dialed.next(Event.Close.class).code());
  }

  @Test
  void ofPingsThatWaitTheLatestIsSent() throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket end = dial(network.address());
    accepted.opened();
    network.inject(Fault.STOP_READING);
    Sends up = new Sends(end);
    for (int i = 0; i < 400; i++) {
      up.send(ByteBuffer.allocate(64 * 1024));
    }
    for (int i = 1; i <= 1_000; i++) {
      end.ping(ByteBuffer.allocate(4).putInt(0, i));
    }
    network.inject(Fault.NONE);
    dialed.opened();
    int pongs = 0;
    int latest = 0;
    while (latest < 1_000) {
      latest = dialed.next(Event.Pong.class).data().getInt();
      pongs++;
    }
    // Some may have left before the socket was full.
    assertTrue(pongs < 500, pongs + " pings were sent");
    up.awaitAllSucceeded();
  }

  @Test
  void aListenerThatThrowsClosesWith1011() throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    CompletableFuture<Integer> code = new CompletableFuture<>();
    dialer()
        .dial(
            request(acceptor.address()),
            new RecordingListener() {
              @Override
              public void onBinary(ByteBuffer message) {
                throw new IllegalStateException("deliberate, the test expects it");
              }

              @Override
              public void onClose(int reported, String reason) {
                code.complete(reported);
              }
            });
    accepted.opened().send(bytes(1, 1), failure -> {});
    assertEquals(1011, accepted.next(Event.Close.class).code());
    assertEquals(1011, code.join());
  }

  @Test
  void threadsEndWithTheirWebSocketHoweverItEnds() throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    for (int way = 0; way < 4; way++) {
      RecordingListener listener = new RecordingListener();
      WebSocket end = dialer("threads").dial(request(acceptor.address()), listener);
      WebSocket peer = accepted.opened();
      end.send(bytes(10, way), failure -> {});
      accepted.next(Event.Binary.class);
      switch (way) {
        case 0 -> end.close(1000, "");
        case 1 -> peer.close(1012, "");
        case 2 -> end.abort();
        default -> peer.abort();
      }
      listener.awaitClose();
      accepted.awaitClose();
      accepted.reset();
      assertNoThreads();
    }
  }

  private static WebSocketDialer dialer(String prefix) {
    return new JdkDialer(prefix);
  }

  /** Of this test: the JDK's client leaves its thread to the garbage collector elsewhere. */
  private void assertNoThreads() {
    Await.noThreads("threads-dial-");
    Await.until("no HttpClient-* of this test is left", () -> before.containsAll(clients()));
  }

  private static Set<Thread> clients() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("HttpClient-"))
        .collect(Collectors.toSet());
  }

  @Test
  void aDialThatFailsLeavesNoThread() throws Exception {
    try (RawServer refusing = RawServer.answering("HTTP/1.1 403 Forbidden\r\n\r\n");
        RawServer silent = new RawServer(socket -> socket.getInputStream().read());
        RawServer choosing = new RawServer(socket -> RawUpgrade.accept(socket, "X-No: protocol"))) {
      for (RawServer server : List.of(refusing, silent, choosing)) {
        DialRequest request =
            WebSocketPeerContract.through(
                server.address(), Duration.ofMillis(200), Proxy.NO_PROXY, null);
        assertThrows(
            IOException.class, () -> dialer("threads").dial(request, new RecordingListener()));
        assertNoThreads();
      }
    }
  }

  @Test
  void aRefusedConnectionLeavesNoThread() throws Exception {
    InetSocketAddress free;
    try (RawServer gone = new RawServer(Socket::close)) {
      free = gone.address();
    }
    assertThrows(
        IOException.class, () -> dialer("threads").dial(request(free), new RecordingListener()));
    assertNoThreads();
  }
}
