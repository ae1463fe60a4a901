package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.Feature;
import io.culvert.websocket.Message;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketClosedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@link io.culvert.websocket.BlockingWebSocket} over one dialer: what a plain client does. What
 * happens when several threads use it is in {@link BlockingWebSocketThreadsContract}, which is the
 * class to extend.
 */
public abstract class BlockingWebSocketContract extends BlockingWebSocketFixture {

  /** D5; and D3, as far as the port has it. */
  @Test
  void aDialWithoutAServerFails() throws IOException {
    InetSocketAddress nobody;
    try (RawServer server = new RawServer(Socket::close)) {
      nobody = server.address();
    }
    IOException error = assertThrows(IOException.class, () -> client.dial(to(nobody, "/")));
    assertFalse(error instanceof UpgradeException, error::toString);
    assertThrows(NotYetConnectedException.class, () -> client.read(SOON));
  }

  /** D4. */
  @Test
  void aSecondDialClosesTheFirstConnectionAndReplacesIt() throws IOException {
    Peer first = connect();
    first.webSocket().send(ByteBuffer.allocate(1), failure -> {});
    Peer second = connect();
    assertEquals(1001, first.heard().awaitClose().code());
    second.webSocket().send(bytes(10, 2), failure -> {});
    assertEquals(new Message.Binary(bytes(10, 2)), client.read(SOON));
    client.write(new Message.Binary(bytes(10, 3)), SOON);
    assertEquals(new Event.Binary(bytes(10, 3)), second.heard().next());
  }

  @Test
  void aSecondDialThatFailsLeavesNoConnection() throws IOException {
    Peer first = connect();
    try (RawServer refusing = RawServer.answering("HTTP/1.1 403 Forbidden\r\n\r\n")) {
      UpgradeException refusal =
          assertThrows(UpgradeException.class, () -> client.dial(to(refusing.address(), "/")));
      assertEquals(403, refusal.status());
    }
    assertEquals(1001, first.heard().awaitClose().code());
    assertClosed(1001, () -> client.read(SOON));
    assertNull(client.underlying());
  }

  /** R1, W1. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 65_535, 65_536, 1_000_000})
  void messagesOfEverySizeAreEchoed(int length) throws IOException {
    connectToEcho();
    for (Message message :
        List.of(new Message.Binary(bytes(length, 1)), new Message.Text("x".repeat(length)))) {
      client.write(message, SOON);
      assertEquals(message, client.read(SOON));
    }
  }

  @Test
  void textIsUtf8() throws IOException {
    connectToEcho();
    client.write(new Message.Text("\u00e4\u20ac\ud83d\ude00"), SOON);
    Message.Text echo = assertInstanceOf(Message.Text.class, client.read(SOON));
    assertEquals("\u00e4\u20ac\ud83d\ude00", echo.string());
  }

  @Test
  void bytesThatAreNotUtf8ComeBackAsTheyWent() throws IOException {
    connectToEcho();
    Message text = new Message.Text(ByteBuffer.wrap(new byte[] {'a', (byte) 0xff, 'b'}));
    if (dialer().missing().contains(Feature.ANY_TEXT)) {
      assertThrows(IOException.class, () -> client.write(text, SOON));
    } else {
      client.write(text, SOON);
      assertEquals(text, client.read(SOON));
    }
  }

  @Test
  void manyMessagesKeepTheirOrder() throws IOException {
    connectToEcho();
    for (int i = 0; i < 1_000; i++) {
      client.write(new Message.Binary(bytes(i, i)), SOON);
    }
    for (int i = 0; i < 1_000; i++) {
      assertEquals(new Message.Binary(bytes(i, i)), client.read(SOON));
    }
  }

  /** P1, P2: nobody reads. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125})
  void aPingIsAnswered(int length) throws IOException {
    assumePing();
    Peer peer = connect();
    peer.webSocket().send(bytes(10, 1), failure -> {});
    client.ping(bytes(length, 1), SOON);
    client.ping(bytes(length, 1), SOON);
    assertEquals(new Message.Binary(bytes(10, 1)), client.read(SOON));
  }

  @Test
  void aPingOfMoreThan125BytesIsRefused() throws IOException {
    connect();
    assertThrows(IllegalArgumentException.class, () -> client.ping(bytes(126, 1), SOON));
  }

  @Test
  void withoutPingsALibrarySaysSo() throws IOException {
    Assumptions.assumeTrue(dialer().missing().contains(Feature.PING));
    connectToEcho();
    assertThrows(UnsupportedOperationException.class, () -> client.ping(bytes(1, 1), SOON));
    client.write(new Message.Binary(bytes(1, 1)), SOON);
    assertEquals(new Message.Binary(bytes(1, 1)), client.read(SOON));
  }

  /** P1; and the connection is as good as before. */
  @Test
  void aPingWithoutAnAnswerTimesOut() throws IOException {
    assumePing();
    RawPeer peer = connectRaw();
    assertThrows(SocketTimeoutException.class, () -> client.ping(bytes(4, 1), SHORT));
    RawPeer.Frame late = peer.next();
    peer.send(0x8a, late.payload().array());
    peer.send(0x82, (byte) 5);
    assertEquals(new Message.Binary(ByteBuffer.wrap(new byte[] {5})), client.read(SOON));
    client.write(new Message.Binary(bytes(10, 1)), SOON);
    assertEquals(new RawPeer.Frame(0x82, true, bytes(10, 1)), peer.next());
  }

  @Test
  void aPongWithOtherDataAnswersNothing() throws Exception {
    assumePing();
    RawPeer peer = connectRaw();
    Background pinging = new Background(() -> client.ping(bytes(4, 1), SOON));
    assertEquals(bytes(4, 1), peer.next().payload());
    peer.send(0x8a, bytes(4, 2).array());
    peer.send(0x82, (byte) 5); // once it is read the pong before it was seen
    assertEquals(new Message.Binary(ByteBuffer.wrap(new byte[] {5})), client.read(SOON));
    assertTrue(pinging.isRunning());
    peer.send(0x8a, bytes(4, 1).array());
    pinging.await();
  }

  /** RFC 6455 section 5.5.3 lets the peer answer the latest of several pings. */
  @Test
  void aPongAnswersThePingsBeforeItsOwn() throws Exception {
    assumePing();
    RawPeer peer = connectRaw();
    Background first = new Background(() -> client.ping(bytes(4, 1), SOON));
    peer.next();
    Background second = new Background(() -> client.ping(bytes(4, 2), SOON));
    peer.send(0x8a, peer.next().payload().array());
    first.await();
    second.await();
  }

  /** G3. */
  @Test
  void withoutAConnectionEveryMethodFails() throws IOException {
    assertThrows(NotYetConnectedException.class, () -> client.read(SOON));
    assertThrows(
        NotYetConnectedException.class, () -> client.write(new Message.Binary(bytes(1, 1)), SOON));
    assertThrows(NotYetConnectedException.class, () -> client.ping(bytes(1, 1), SOON));
    assertThrows(NotYetConnectedException.class, () -> client.close(1000, ""));
    assertNull(client.underlying());
    client.abort();
    client.close();
  }

  /** G2: no message is taken, none is sent, no ping either. */
  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE})
  void anExpiredDeadlineFailsWithoutIo(long seconds) throws IOException {
    Duration expired = Duration.ofSeconds(seconds);
    RawPeer peer = connectRaw();
    peer.send(0x82, (byte) 5);
    assertThrows(SocketTimeoutException.class, () -> client.read(expired));
    assertThrows(
        SocketTimeoutException.class, () -> client.write(new Message.Binary(bytes(1, 1)), expired));
    assertThrows(SocketTimeoutException.class, () -> client.ping(bytes(1, 1), expired));
    assertThrows(
        IllegalArgumentException.class,
        () -> client.dial(to(URI.create("ws://localhost:1"), expired)));
    client.write(new Message.Binary(bytes(10, 2)), SOON);
    assertEquals(new RawPeer.Frame(0x82, true, bytes(10, 2)), peer.next());
    assertEquals(new Message.Binary(ByteBuffer.wrap(new byte[] {5})), client.read(SOON));
  }

  @Test
  void aTimeoutMayBeLongerThanAnybodyWaits() throws IOException {
    connectToEcho();
    client.write(new Message.Text("x"), Duration.ofSeconds(Long.MAX_VALUE));
    assertEquals(new Message.Text("x"), client.read(Duration.ofSeconds(Long.MAX_VALUE)));
  }

  /** R4; and the connection is as good as before. */
  @Test
  void aReadWithoutAMessageTimesOut() throws IOException {
    connectToEcho();
    assertThrows(SocketTimeoutException.class, () -> client.read(SHORT));
    client.write(new Message.Text("x"), SOON);
    assertEquals(new Message.Text("x"), client.read(SOON));
  }

  /** R3, P3, W4, C4; what had arrived can be read first. */
  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1002, 1003, 1008, 1011, 1013, 3000, 4999})
  void afterThePeerClosedEveryMethodTellsItsCode(int code) throws IOException {
    Peer peer = connect();
    peer.webSocket().send(bytes(10, 1), failure -> {});
    peer.webSocket().send(bytes(10, 2), failure -> {});
    peer.webSocket().close(code, "because");
    assertEquals(new Message.Binary(bytes(10, 1)), client.read(SOON));
    assertEquals(new Message.Binary(bytes(10, 2)), client.read(SOON));
    WebSocketClosedException closed = assertClosed(code, () -> client.read(SOON));
    assertEquals("because", closed.reason());
    assertClosed(code, () -> client.write(new Message.Text("x"), SOON));
    assertClosed(code, () -> client.ping(bytes(1, 1), SOON));
    assertClosed(code, () -> client.close(1000, ""));
    assertNull(client.underlying());
    client.abort();
    client.close();
    connectToEcho();
    client.write(new Message.Text("again"), SOON);
    assertEquals(new Message.Text("again"), client.read(SOON));
  }

  /** R3. */
  @Test
  void aCloseFrameWithoutACodeIs1005AndNoneIs1006() throws IOException {
    connectRaw().send(0x88);
    assertClosed(1005, () -> client.read(SOON));
    connectRaw().close();
    assertClosed(1006, () -> client.read(SOON));
    assertClosed(1006, () -> client.write(new Message.Text("x"), SOON));
  }

  /** C1, C4, C5. */
  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1002, 1003, 1008, 1011, 1013, 3000, 4999})
  void closeSendsItsCodeAndThenEveryMethodFails(int code) throws IOException {
    Peer peer = connect();
    client.close(code, "r\u00e9ason");
    assertEquals(new Event.Close(code, "r\u00e9ason"), peer.heard().next());
    assertClosed(code, () -> client.close(1000, ""));
    assertClosed(code, () -> client.read(SOON));
    assertClosed(code, () -> client.write(new Message.Text("x"), SOON));
    assertClosed(code, () -> client.ping(bytes(1, 1), SOON));
    assertNull(client.underlying());
    client.close();
  }

  /** C1: there is a close frame on the wire, and it was answered. */
  @Test
  void closeWaitsForTheAnswerOfThePeer() throws Exception {
    RawPeer peer = connectRaw();
    Background closing = new Background(() -> client.close(4000, "x"));
    RawPeer.Frame frame = peer.next();
    assertEquals(
        new RawPeer.Frame(0x88, true, ByteBuffer.wrap(RawPeer.closePayload(4000, (byte) 'x'))),
        frame);
    assertTrue(closing.isRunning());
    peer.send(0x88, frame.payload().array());
    closing.await();
  }

  @Test
  void closeDoesNotWaitForEverForAPeerThatIsSilent() throws IOException {
    connectRaw();
    client.close(1000, "");
    assertClosed(1000, () -> client.read(SOON));
  }

  @Test
  void whatMayNotBeSentIsRefusedAndTheConnectionLives() throws IOException {
    connectToEcho();
    for (int code : new int[] {0, 999, 1005, 1006, 1015, 5000}) {
      assertThrows(IllegalArgumentException.class, () -> client.close(code, ""));
    }
    assertThrows(IllegalArgumentException.class, () -> client.close(1000, "x".repeat(124)));
    client.write(new Message.Text("x"), SOON);
    assertEquals(new Message.Text("x"), client.read(SOON));
  }

  @Test
  void closeDropsWhatWasNotRead() throws IOException {
    assumePing();
    Peer peer = connect();
    peer.webSocket().send(bytes(10, 1), failure -> {});
    peer.webSocket().send(bytes(10, 2), failure -> {});
    client.ping(bytes(4, 1), SOON); // its pong comes after them
    client.close(1000, "");
    assertClosed(1000, () -> client.read(SOON));
  }

  @Test
  void abortDropsTheSocket() throws IOException {
    Peer peer = connect();
    client.abort();
    assertClosed(1006, () -> client.read(SOON));
    assertClosed(1006, () -> client.write(new Message.Text("x"), SOON));
    int code = peer.heard().awaitClose().code();
    assertTrue(
        code == 1006 || dialer().missing().contains(Feature.ABORT_WITHOUT_CLOSE), "code " + code);
    client.abort();
    client.close();
  }

  /** U1. */
  @Test
  void theLibrarysConnectionIsThereWhileThereIsOne() throws IOException {
    RecordingListener plain = new RecordingListener();
    connect();
    Object underlying = client.underlying();
    WebSocket other = dialer().dial(to(acceptor.address(), "/"), plain);
    assertEquals(other.underlying() == null, underlying == null);
    if (underlying != null) {
      assertEquals(other.underlying().getClass(), underlying.getClass());
    }
    other.abort();
    client.close(1000, "");
    assertNull(client.underlying());
  }

  @Test
  void messagesKnowTheirText() {
    assertEquals("\u00e4", new Message.Text("\u00e4").string());
    Message.Text malformed = new Message.Text(ByteBuffer.wrap(new byte[] {(byte) 0xff}));
    assertEquals("\ufffd", malformed.string());
    assertEquals(1, malformed.bytes().remaining());
    assertEquals(
        ByteBuffer.wrap("\u00e4".getBytes(StandardCharsets.UTF_8)),
        new Message.Text("\u00e4").bytes());
  }
}
