package io.culvert.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the contract suite cannot provoke through a real library. */
@Timeout(60) // a hang guard
class DialedWebSocketTest {
  private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();
  private final List<String> asked = new ArrayList<>();
  private final List<CompletableFuture<Void>> pings = new ArrayList<>();

  private final WebSocketListener listener =
      new WebSocketListener() {
        @Override
        public void onOpen(WebSocket webSocket) {
          heard.add("open");
        }

        @Override
        public void onBinary(ByteBuffer message) {
          heard.add("binary " + message.remaining());
        }

        @Override
        public void onText(ByteBuffer message) {
          heard.add("text " + message.remaining());
        }

        @Override
        public void onClose(int code, String reason) {
          heard.add("close " + code);
        }
      };

  private final DialedWebSocket.Library library =
      new DialedWebSocket.Library(
          "the library's own",
          (text, message) -> ask("write " + message.remaining()),
          data -> {
            ask("ping " + data.get(0));
            pings.add(new CompletableFuture<>());
            return pings.get(pings.size() - 1);
          },
          (code, reason) -> ask("close " + code),
          () -> asked.add("read"),
          () -> asked.add("drop"));

  private CompletionStage<?> ask(String what) {
    asked.add(what);
    return CompletableFuture.completedStage(null);
  }

  private static DialRequest request(Duration timeout, Proxy proxy) {
    Map<String, String> headers = Map.of("X-Key", "secret");
    return new DialRequest(
        URI.create("ws://localhost"), headers, "wanted", timeout, null, proxy, null, 100);
  }

  private DialedWebSocket dialed(Feature... missing) {
    return new DialedWebSocket(
        request(Duration.ofMinutes(1), Proxy.NO_PROXY), listener, Set.of(missing));
  }

  private DialedWebSocket open(Feature... missing) throws IOException {
    DialedWebSocket webSocket = dialed(missing);
    webSocket.opened("wanted", library);
    assertEquals("open", heard.remove());
    assertEquals(List.of("read"), asked);
    asked.clear();
    return webSocket;
  }

  @Test
  void aDialOutOfTimeIsCancelled() {
    DialedWebSocket webSocket =
        new DialedWebSocket(request(Duration.ofNanos(1), Proxy.NO_PROXY), listener, Set.of());
    CompletableFuture<String> dialing = new CompletableFuture<>();
    assertThrows(SocketTimeoutException.class, () -> webSocket.await(dialing, asked::add));
    assertTrue(dialing.isCancelled());
    assertEquals(List.of(), asked);
  }

  @Test
  void whatOpensWhenTheCallerGivesUpIsAborted() {
    CompletableFuture<String> dialing =
        new CompletableFuture<>() {
          @Override
          public boolean cancel(boolean mayInterrupt) {
            complete("opened just now");
            return super.cancel(mayInterrupt);
          }
        };
    Thread.currentThread().interrupt();
    assertThrows(InterruptedIOException.class, () -> dialed().await(dialing, asked::add));
    assertTrue(Thread.interrupted());
    assertEquals(List.of("opened just now"), asked);
  }

  @Test
  void aRefusedHeaderIsNamedWithoutItsValue() {
    CompletableFuture<String> dialing =
        CompletableFuture.failedFuture(new IllegalArgumentException("not \"secret\""));
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> dialed().await(dialing, unused -> {}));
    assertTrue(error.getMessage().contains("X-Key"), error::toString);
    assertFalse(error.getMessage().contains("secret"), error::toString);
    assertNull(error.getCause());
  }

  @Test
  void theLibrarysIoErrorIsTheDialsOther() {
    IOException known = new IOException("known");
    assertEquals(
        known,
        assertThrows(
            IOException.class,
            () -> dialed().await(CompletableFuture.failedFuture(known), unused -> {})));
    IllegalStateException other = new IllegalStateException("other");
    assertEquals(
        other,
        assertThrows(
                IOException.class,
                () -> dialed().await(CompletableFuture.failedFuture(other), unused -> {}))
            .getCause());
  }

  @Test
  void anotherSubprotocolEndsTheDial() {
    for (String chosen : new String[] {null, "", "other"}) {
      asked.clear();
      assertThrows(UpgradeException.class, () -> dialed().opened(chosen, library));
      assertEquals(List.of("drop"), asked);
    }
    assertEquals(0, heard.size());
  }

  @Test
  void aProxyThatIsMissingIsRefusedBeforeTheDial() {
    InetSocketAddress address = InetSocketAddress.createUnresolved("proxy", 1);
    for (Proxy.Type type : List.of(Proxy.Type.HTTP, Proxy.Type.SOCKS)) {
      DialRequest request = request(Duration.ofMinutes(1), new Proxy(type, address));
      Feature needed = type == Proxy.Type.HTTP ? Feature.PROXY_FOR_WS : Feature.SOCKS_PROXY;
      assertThrows(
          UnsupportedOperationException.class,
          () -> new DialedWebSocket(request, listener, Set.of(needed)));
      new DialedWebSocket(request, listener, Set.of(Feature.PING));
    }
  }

  @Test
  void ofSeveralWaitingPingsTheLatestIsSent() throws IOException {
    DialedWebSocket webSocket = open();
    for (byte i = 1; i <= 3; i++) {
      webSocket.ping(ByteBuffer.wrap(new byte[] {i}));
    }
    assertEquals(List.of("ping 1"), asked);
    pings.get(0).complete(null);
    assertEquals(List.of("ping 1", "ping 3"), asked);
    pings.get(1).complete(null);
    webSocket.ping(ByteBuffer.wrap(new byte[] {4}));
    assertEquals(List.of("ping 1", "ping 3", "ping 4"), asked);
  }

  @Test
  void textThatCannotBeSentFailsAlone() throws IOException {
    DialedWebSocket webSocket = open(Feature.ANY_TEXT);
    List<Throwable> outcomes = new ArrayList<>();
    webSocket.sendText(ByteBuffer.wrap(new byte[] {(byte) 0xff}), outcomes::add);
    webSocket.sendText(ByteBuffer.wrap(new byte[] {'a'}), outcomes::add);
    assertInstanceOf(IOException.class, outcomes.get(0));
    assertNull(outcomes.get(1));
    assertEquals(List.of("write 1"), asked);
  }

  @Test
  void anEndDuringAPauseComesAfterWhatIsHeld() throws Exception {
    DialedWebSocket webSocket = open();
    webSocket.pause();
    webSocket.received(false, ByteBuffer.allocate(7), true);
    webSocket.ended(1001, "");
    assertEquals(0, heard.size());
    assertEquals(List.of(), asked);
    webSocket.resume();
    assertEquals("binary 7", heard.take());
    assertEquals("close 1001", heard.take());
  }

  @Test
  void partsBecomeOneMessageOfAtMostTheLimit() throws IOException {
    DialedWebSocket webSocket = open();
    webSocket.received(true, ByteBuffer.allocate(60), false);
    webSocket.received(true, ByteBuffer.allocate(40), true);
    assertEquals("text 100", heard.remove());
    webSocket.received(true, ByteBuffer.allocate(60), false);
    assertEquals(List.of("read", "read", "read"), asked);
    webSocket.received(true, ByteBuffer.allocate(41), true);
    assertEquals("close 1009", heard.remove());
    assertEquals(List.of("read", "read", "read", "drop"), asked);
  }

  @Test
  void aCodeThatDoesNotExistIsAProtocolError() throws IOException {
    DialedWebSocket webSocket = open();
    webSocket.ended(5_000, "");
    assertEquals("close 1002", heard.remove());
    assertEquals(List.of("drop"), asked);
  }

  @Test
  void abortDropsAtOnceAndTellsOnAnotherThread() throws Exception {
    DialedWebSocket webSocket = open();
    webSocket.pause();
    webSocket.abort();
    assertEquals(List.of("drop"), asked);
    assertEquals("close 1006", heard.take());
  }

  @Test
  void whatTheUrlNamesIsTheAddress() throws IOException {
    DialedWebSocket webSocket = open();
    assertEquals(InetSocketAddress.createUnresolved("localhost", 80), webSocket.remoteAddress());
    assertNull(webSocket.localAddress());
    assertEquals("the library's own", webSocket.underlying());
  }
}
