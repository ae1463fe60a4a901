package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every implementation of the WebSocket port must do, whatever carries the bytes. Subclasses
 * name the two ends; dialer and acceptor may be of different libraries. What needs real sockets is
 * in {@link WebSocketNetworkContract}.
 */
public abstract class WebSocketContract extends WebSocketMessageContract {

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1002, 1003, 1008, 1011, 1012, 1013, 3000, 4999})
  void aCloseCodeReachesBothListenersWhoeverCloses(int code) throws IOException {
    Ends first = connect();
    first.dialer().close(code, "because");
    assertEquals(new Event.Close(code, "because"), accepted.next());
    assertEquals(code, dialed.next(Event.Close.class).code());
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 4000})
  void theAcceptorClosesAsTheDialerDoes(int code) throws IOException {
    Ends ends = connect();
    ends.acceptor().close(code, "\u00e4".repeat(61));
    assertEquals(new Event.Close(code, "\u00e4".repeat(61)), dialed.next());
    assertEquals(code, accepted.next(Event.Close.class).code());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000})
  void aCodeThatMayNotBeSentIsRefused(int code) throws IOException {
    Ends ends = connect();
    assertThrows(IllegalArgumentException.class, () -> ends.dialer().close(code, ""));
    assertThrows(IllegalArgumentException.class, () -> ends.acceptor().close(code, ""));
  }

  @Test
  void aReasonOfMoreThan123BytesIsRefused() throws IOException {
    WebSocket end = connect().dialer();
    assertThrows(IllegalArgumentException.class, () -> end.close(1000, "\u00e4".repeat(62)));
  }

  @Test
  void closingSendsWhatWasSentBefore() throws IOException {
    Ends ends = connect();
    Sends sends = new Sends(ends.acceptor());
    for (int i = 0; i < 200; i++) {
      sends.send(bytes(10_000, i));
    }
    ends.acceptor().close(1000, "");
    for (int i = 0; i < 200; i++) {
      assertEquals(bytes(10_000, i), dialed.next(Event.Binary.class).message());
    }
    assertEquals(1000, dialed.next(Event.Close.class).code());
    sends.awaitAllSucceeded();
  }

  @Test
  void bothMayCloseAtOnce() throws IOException {
    Ends ends = connect();
    ends.dialer().close(4001, "");
    ends.acceptor().close(4002, "");
    int atAcceptor = accepted.next(Event.Close.class).code();
    int atDialer = dialed.next(Event.Close.class).code();
    assertTrue(atAcceptor == 4001 || atAcceptor == 4002, "code " + atAcceptor);
    assertTrue(atDialer == 4001 || atDialer == 4002, "code " + atDialer);
    ends.dialer().close(1000, "");
    ends.dialer().abort();
    accepted.assertNothingMore();
    dialed.assertNothingMore();
  }

  @Test
  void whatIsSentAfterTheEndFails() throws IOException {
    Ends ends = connect();
    ends.dialer().close(1000, "");
    accepted.awaitClose();
    dialed.awaitClose();
    for (WebSocket end : List.of(ends.dialer(), ends.acceptor())) {
      Sends late = new Sends(end);
      late.send(bytes(10, 6));
      late.awaitCompleted();
      assertEquals(1, late.failed());
      if (!dialerLacks(Feature.PING) && !acceptorLacks(Feature.PING)) {
        end.ping(ByteBuffer.allocate(0));
      }
    }
  }

  @Test
  void abortEndsBothSidesWith1006() throws IOException {
    Ends ends = connect();
    ends.dialer().abort();
    assertEquals(1006, dialed.next(Event.Close.class).code());
    assertEquals(1006, accepted.next(Event.Close.class).code());
    ends.dialer().abort();
    dialed.assertNothingMore();
  }

  @Test
  void theAcceptorAbortsAsTheDialerDoes() throws IOException {
    Ends ends = connect();
    ends.acceptor().abort();
    assertEquals(1006, accepted.next(Event.Close.class).code());
    int atPeer = dialed.next(Event.Close.class).code();
    assertTrue(atPeer == 1006 || acceptorLacks(Feature.ABORT_WITHOUT_CLOSE), "code " + atPeer);
  }

  @Test
  void abortInsideACallbackStillCallsOnCloseAfterIt() throws IOException {
    CompletableFuture<WebSocket> opened = new CompletableFuture<>();
    RecordingListener aborting =
        new RecordingListener() {
          @Override
          public void onOpen(WebSocket webSocket) {
            super.onOpen(webSocket);
            opened.complete(webSocket);
          }

          @Override
          public void onBinary(ByteBuffer message) {
            opened.join().abort();
            super.onBinary(message);
          }
        };
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, aborting));
    dial(acceptor.address()).send(bytes(1, 7), failure -> {});
    aborting.opened();
    aborting.next(Event.Binary.class);
    assertEquals(1006, aborting.next(Event.Close.class).code());
  }

  @Test
  void aMessageBeyondTheLimitClosesWith1009() throws IOException {
    Ends ends = connect();
    new Sends(ends.dialer()).send(bytes(MAX_MESSAGE_BYTES + 1, 8));
    assertEquals(1009, dialed.awaitClose().code());
    Event.Close atReceiver = accepted.next(Event.Close.class);
    assertEquals(1009, atReceiver.code());
  }

  @Test
  void bothEndsKnowWhatWasNegotiated() throws IOException {
    Ends ends = connect();
    for (WebSocket end : List.of(ends.dialer(), ends.acceptor())) {
      assertEquals(SUBPROTOCOL, end.subprotocol());
      assertFalse(end.secure());
    }
    assertNotNull(ends.acceptor().localAddress());
    if (dialerLacks(Feature.ADDRESSES)) {
      assertNull(ends.dialer().localAddress());
      assertEquals(
          ((InetSocketAddress) ends.acceptor().localAddress()).getPort(),
          ((InetSocketAddress) ends.dialer().remoteAddress()).getPort());
    } else {
      assertEquals(ends.dialer().localAddress(), ends.acceptor().remoteAddress());
      assertEquals(ends.dialer().remoteAddress(), ends.acceptor().localAddress());
    }
  }

  @Test
  void theHandlerSeesTheRequest() throws IOException {
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    WebSocketAcceptor acceptor =
        start(
            upgrade -> {
              seen.add(upgrade.target());
              seen.add(upgrade.header("x-CUSTOM"));
              seen.add(upgrade.header("absent"));
              seen.addAll(upgrade.subprotocols());
              return accept();
            });
    DialRequest request =
        new DialRequest(
            URI.create("ws://localhost:" + acceptor.address().getPort() + "/a%20b?x=1&y"),
            Map.of("X-Custom", "value"),
            SUBPROTOCOL,
            DIAL_TIMEOUT,
            null,
            Proxy.NO_PROXY,
            null,
            MAX_MESSAGE_BYTES);
    dialer().dial(request, dialed);
    List<String> expected = new ArrayList<>(List.of("/a%20b?x=1&y", "value"));
    expected.add(null);
    expected.add(SUBPROTOCOL);
    assertEquals(expected, seen);
  }

  @Test
  void withoutSubprotocolNoneIsNegotiated() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept(null, accepted));
    URI uri = URI.create("ws://localhost:" + acceptor.address().getPort());
    assertEquals(null, dialer().dial(request(uri, null), dialed).subprotocol());
    assertEquals(null, accepted.opened().subprotocol());
  }

  @Test
  void aRefusalReachesTheDialerAsItsStatus() throws IOException {
    for (int status : List.of(302, 401, 403, 404, 429, 500, 503)) {
      WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Refuse(status, "no"));
      UpgradeException refusal =
          assertThrows(UpgradeException.class, () -> dial(acceptor.address()));
      assertEquals(status, refusal.status());
    }
    dialed.assertNothingMore();
    accepted.assertNothingMore();
  }

  @Test
  void aHandlerThatThrowsIsAnsweredWith500() throws IOException {
    WebSocketAcceptor acceptor =
        start(
            upgrade -> {
              throw new IllegalStateException("deliberate, the test expects it");
            });
    UpgradeException refusal = assertThrows(UpgradeException.class, () -> dial(acceptor.address()));
    assertEquals(500, refusal.status());
  }

  @Test
  void anAcceptorThatChoosesNoSubprotocolIsAnError() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept(null, accepted));
    UpgradeException error = assertThrows(UpgradeException.class, () -> dial(acceptor.address()));
    assertEquals(101, error.status());
    dialed.assertNothingMore();
  }

  @Test
  void refusedConnectionsAreIoErrors() throws IOException {
    WebSocketAcceptor gone = start(upgrade -> accept());
    InetSocketAddress address = gone.address();
    gone.close();
    IOException error = assertThrows(IOException.class, () -> dial(address));
    assertFalse(error instanceof UpgradeException, error::toString);
    dialed.assertNothingMore();
  }

  @Test
  void anAcceptorThatStoppedListeningKeepsItsWebSockets() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    WebSocket end = dial(acceptor.address());
    accepted.opened();
    acceptor.stopListening();
    acceptor.stopListening();
    assertThrows(
        IOException.class,
        () -> dialer().dial(request(acceptor.address()), new RecordingListener()));
    end.send(bytes(5, 9), failure -> {});
    accepted.next(Event.Binary.class);
  }

  @Test
  void closingTheAcceptorAbortsItsWebSockets() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    dial(acceptor.address());
    dialed.opened();
    accepted.opened();
    acceptor.close();
    acceptor.close();
    assertEquals(1006, accepted.next(Event.Close.class).code());
    int atPeer = dialed.next(Event.Close.class).code();
    assertTrue(atPeer == 1006 || acceptorLacks(Feature.ABORT_WITHOUT_CLOSE), "code " + atPeer);
  }

  @Test
  void anAcceptorIsStartedOnce() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    assertThrows(IllegalStateException.class, () -> acceptor.start(upgrade -> accept()));
    WebSocketAcceptor fresh =
        closeLater(acceptor(new WebSocketAcceptor.Limits(1, DIAL_TIMEOUT), null));
    assertThrows(IllegalStateException.class, fresh::address);
  }

  @Test
  void onOpenHasRunWhenDialReturns() throws IOException {
    WebSocketAcceptor acceptor =
        start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, new RecordingListener()));
    for (int i = 0; i < 20; i++) {
      AtomicReference<WebSocket> opened = new AtomicReference<>();
      WebSocketListener listener =
          new RecordingListener() {
            @Override
            public void onOpen(WebSocket webSocket) {
              opened.set(webSocket);
            }
          };
      assertEquals(dialer().dial(request(acceptor.address()), listener), opened.get());
    }
  }
}
