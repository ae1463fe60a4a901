package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What every implementation of the WebSocket port must do, whatever carries the bytes. Subclasses
 * name the two ends; dialer and acceptor may be of different libraries. What needs real sockets is
 * in {@link WebSocketNetworkContract}.
 */
public abstract class WebSocketContract extends WebSocketListenerContract {

  @Test
  void withoutAddressesTheDialerKnowsWhatTheUrlNames() throws IOException {
    Assumptions.assumeTrue(dialerLacks(Feature.ADDRESSES));
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    assertEquals(
        InetSocketAddress.createUnresolved("localhost", acceptor.address().getPort()),
        dial(acceptor.address()).remoteAddress());
  }

  @Test
  void bothEndsKnowWhatWasNegotiated() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    Ends ends = connect(acceptor);
    for (WebSocket end : List.of(ends.dialer(), ends.acceptor())) {
      assertEquals(SUBPROTOCOL, end.subprotocol());
      assertFalse(end.secure());
    }
    for (End end : End.values()) {
      assertEquals(lacks(end, Feature.ADDRESSES), ends.of(end).localAddress() == null);
    }
    if (!dialerLacks(Feature.ADDRESSES)) {
      InetSocketAddress remote = (InetSocketAddress) ends.dialer().remoteAddress();
      assertEquals(acceptor.address().getPort(), remote.getPort());
    }
    if (!dialerLacks(Feature.ADDRESSES) && !acceptorLacks(Feature.ADDRESSES)) {
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
    Assumptions.assumeFalse(hosted(), "its server goes on listening");
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

  @Test
  void manyDialsAtOnceAreAllServed() throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, new Echo()));
    List<Work> dials = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      int number = i;
      dials.add(
          () -> {
            RecordingListener listener = new RecordingListener();
            WebSocket socket = dialer().dial(request(acceptor.address()), listener);
            listener.opened();
            socket.send(bytes(1_000, number), failure -> {});
            assertEquals(new Event.Binary(bytes(1_000, number)), listener.next());
            socket.close(1000, "");
            assertEquals(1000, listener.next(Event.Close.class).code());
          });
    }
    together(dials);
  }

  @Test
  void aRefusalMayCarryHeaders() throws IOException {
    WebSocketAcceptor acceptor =
        start(upgrade -> new Upgrade.Refuse(401, "no", Map.of("WWW-Authenticate", "Bearer")));
    UpgradeException refusal = assertThrows(UpgradeException.class, () -> dial(acceptor.address()));
    assertEquals(401, refusal.status());
  }
}
