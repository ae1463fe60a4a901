package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.FaultProxy.Fault;
import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.TlsMaterial;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What implementations over real sockets must do, beyond {@link WebSocketContract}. */
public abstract class WebSocketNetworkContract extends WebSocketPeerContract {

  @TempDir Path directory;

  @Test
  void aPeerThatStopsReadingLeavesCompletionsPendingAndAbortFailsThem() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket dialerEnd = dial(network.address());
    WebSocket acceptorEnd = accepted.opened();
    network.inject(Fault.STOP_READING);
    for (WebSocket end : List.of(dialerEnd, acceptorEnd)) {
      Sends sends = new Sends(end);
      for (int i = 0; i < 400; i++) {
        sends.send(ByteBuffer.allocate(64 * 1024));
      }
      assertTrue(sends.pending() > 0, "25 MiB must be more than any socket buffer");
      end.abort();
      sends.awaitCompleted();
      assertTrue(sends.failed() > 0);
    }
    assertEquals(1006, accepted.awaitClose().code());
    assertEquals(1006, dialed.awaitClose().code());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPeerThatReadsAgainGetsEverythingInOrder(boolean tls) throws IOException {
    TestCertificates certificates = certificates("slow", "dns:localhost");
    WebSocketAcceptor acceptor = tls ? startTls(certificates) : start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket dialerEnd =
        tls
            ? dialTls(network.address(), trusting(certificates), Proxy.NO_PROXY)
            : dial(network.address());
    dialed.opened();
    Sends down = new Sends(accepted.opened());
    Sends up = new Sends(dialerEnd);
    network.inject(Fault.STOP_READING);
    for (int i = 0; i < 400; i++) {
      down.send(ByteBuffer.allocate(64 * 1024).putInt(0, i));
      up.send(ByteBuffer.allocate(64 * 1024).putInt(0, i));
    }
    assertTrue(down.pending() > 0 && up.pending() > 0);
    network.inject(Fault.NONE);
    for (int i = 0; i < 400; i++) {
      assertEquals(i, dialed.next(Event.Binary.class).message().getInt(0));
      assertEquals(i, accepted.next(Event.Binary.class).message().getInt(0));
    }
    down.awaitAllSucceeded();
    up.awaitAllSucceeded();
  }

  @Test
  void aCloseThatIsNeverAnsweredDropsTheSocket() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket end = dial(network.address());
    dialed.opened();
    accepted.opened();
    network.inject(Fault.BLACK_HOLE);
    end.close(1000, "");
    assertEquals(1006, dialed.next(Event.Close.class).code());
    accepted.assertNothingMore();
  }

  @Test
  void onePeerThatStopsReadingDoesNotHarmOthers() throws IOException {
    RecordingListener others = new RecordingListener();
    WebSocketAcceptor acceptor =
        start(
            upgrade ->
                new Upgrade.Accept(
                    SUBPROTOCOL, upgrade.header("X-Stuck") == null ? others : accepted));
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    DialRequest stuck =
        new DialRequest(
            URI.create("ws://localhost:" + network.address().getPort()),
            Map.of("X-Stuck", "1"),
            SUBPROTOCOL,
            DIAL_TIMEOUT,
            null,
            Proxy.NO_PROXY,
            null,
            MAX_MESSAGE_BYTES);
    dialer().dial(stuck, new RecordingListener());
    network.inject(Fault.STOP_READING);
    Sends blocked = new Sends(accepted.opened());
    for (int i = 0; i < 400; i++) {
      blocked.send(ByteBuffer.allocate(64 * 1024));
    }
    WebSocket other = dial(acceptor.address());
    dialed.opened();
    WebSocket otherEnd = others.opened();
    for (int i = 0; i < 100; i++) {
      other.send(ByteBuffer.allocate(1_000).putInt(0, i), failure -> {});
      otherEnd.send(others.next(Event.Binary.class).message(), failure -> {});
      assertEquals(i, dialed.next(Event.Binary.class).message().getInt(0));
    }
    assertTrue(blocked.pending() > 0);
  }

  @Test
  void aBlackHoledPeerCanBeAborted() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    WebSocket end = dial(network.address());
    dialed.opened();
    accepted.opened();
    network.inject(Fault.BLACK_HOLE);
    end.send(bytes(10, 1), failure -> {});
    end.abort();
    assertEquals(1006, dialed.next(Event.Close.class).code());
    accepted.assertNothingMore();
  }

  @ParameterizedTest
  @ValueSource(strings = {"CUT", "RESET"})
  void aBrokenSocketIs1006OnBothSides(String fault) throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    dial(network.address());
    dialed.opened();
    accepted.opened();
    network.inject(Fault.valueOf(fault));
    assertEquals(1006, dialed.next(Event.Close.class).code());
    assertEquals(1006, accepted.next(Event.Close.class).code());
  }

  @Test
  void anHttpProxyIsAskedToConnect() throws IOException {
    if (dialerLacks(Feature.PROXY_FOR_WS)) {
      Proxy proxy = closeLater(new ConnectProxy(null)).proxy();
      InetSocketAddress address = start(upgrade -> accept()).address();
      assertThrows(
          UnsupportedOperationException.class,
          () -> dialer().dial(through(address, DIAL_TIMEOUT, proxy, null), dialed));
      return;
    }
    for (String authorization : new String[] {null, "Basic c2VjcmV0"}) {
      WebSocketAcceptor acceptor = start(upgrade -> accept());
      ConnectProxy proxy = closeLater(new ConnectProxy(authorization));
      RecordingListener listener = new RecordingListener();
      WebSocket end =
          dialer()
              .dial(
                  through(acceptor.address(), DIAL_TIMEOUT, proxy.proxy(), authorization),
                  listener);
      assertEquals(
          List.of("localhost:" + acceptor.address().getPort()), List.copyOf(proxy.targets()));
      listener.opened();
      end.send(bytes(3, 1), failure -> {});
      accepted.opened();
      assertEquals(bytes(3, 1), accepted.next(Event.Binary.class).message());
      end.abort();
      accepted.awaitClose();
      accepted.reset();
    }
  }

  /** Over TLS, because every library tunnels that through a proxy. */
  @Test
  void aProxyThatWantsAuthorizationIsAClearError() throws IOException {
    TestCertificates certificates = certificates("proxied", "dns:localhost");
    WebSocketAcceptor acceptor = startTls(certificates);
    ConnectProxy proxy = closeLater(new ConnectProxy("Basic c2VjcmV0"));
    DialRequest request =
        new DialRequest(
            URI.create("wss://localhost:" + acceptor.address().getPort()),
            Map.of(),
            SUBPROTOCOL,
            DIAL_TIMEOUT,
            trusting(certificates),
            proxy.proxy(),
            "Basic wrong",
            MAX_MESSAGE_BYTES);
    IOException error = assertThrows(IOException.class, () -> dialer().dial(request, dialed));
    assertTrue(error.getMessage().contains("407"), error::toString);
    assertFalse(error.toString().contains("wrong"), error::toString);
  }

  private SSLContext trusting(TestCertificates certificates) throws IOException {
    return TlsMaterial.clientTrusting(certificates.certificate());
  }

  private WebSocket dialTls(InetSocketAddress address, SSLContext trust, Proxy proxy)
      throws IOException {
    return dialer()
        .dial(
            new DialRequest(
                URI.create("wss://localhost:" + address.getPort()),
                Map.of(),
                SUBPROTOCOL,
                DIAL_TIMEOUT,
                trust,
                proxy,
                null,
                MAX_MESSAGE_BYTES),
            dialed);
  }

  private TestCertificates certificates(String name, String names) throws IOException {
    return TestCertificates.make(Files.createDirectory(directory.resolve(name)), "EC", names);
  }

  private WebSocketAcceptor startTls(TestCertificates certificates) throws IOException {
    return start(
        upgrade -> accept(),
        TlsMaterial.serverFromPem(certificates.certificate(), certificates.privateKey()));
  }

  @Test
  void tlsCarriesEverythingAndSaysSo() throws IOException {
    TestCertificates certificates = certificates("ok", "dns:localhost");
    WebSocketAcceptor acceptor = startTls(certificates);
    ConnectProxy proxy = closeLater(new ConnectProxy(null));
    WebSocket end = dialTls(acceptor.address(), trusting(certificates), proxy.proxy());
    dialed.opened();
    WebSocket acceptorEnd = accepted.opened();
    assertTrue(end.secure());
    assertTrue(acceptorEnd.secure());
    Sends up = new Sends(end);
    Sends down = new Sends(acceptorEnd);
    for (int i = 0; i < 100; i++) {
      up.send(bytes(60_000 + i, i));
      down.send(bytes(60_000 + i, -i));
    }
    for (int i = 0; i < 100; i++) {
      assertEquals(bytes(60_000 + i, i), accepted.next(Event.Binary.class).message());
      assertEquals(bytes(60_000 + i, -i), dialed.next(Event.Binary.class).message());
    }
    up.awaitAllSucceeded();
    down.awaitAllSucceeded();
    acceptorEnd.close(1000, "");
    assertEquals(1000, dialed.next(Event.Close.class).code());
    assertEquals(1000, accepted.next(Event.Close.class).code());
  }

  @Test
  void anUnknownAuthorityIsRefused() throws IOException {
    WebSocketAcceptor acceptor = startTls(certificates("server", "dns:localhost"));
    SSLContext other = trusting(certificates("other", "dns:localhost"));
    assertThrows(SSLException.class, () -> dialTls(acceptor.address(), other, Proxy.NO_PROXY));
    dialed.assertNothingMore();
  }

  @Test
  void aCertificateForAnotherHostIsRefused() throws IOException {
    TestCertificates certificates = certificates("other-host", "dns:elsewhere.example");
    WebSocketAcceptor acceptor = startTls(certificates);
    SSLContext trust = trusting(certificates);
    assertThrows(SSLException.class, () -> dialTls(acceptor.address(), trust, Proxy.NO_PROXY));
    dialed.assertNothingMore();
  }

  @Test
  void wssToAPlainPortIsAnError() throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    SSLContext trust = trusting(certificates("unused", "dns:localhost"));
    assertThrows(IOException.class, () -> dialTls(acceptor.address(), trust, Proxy.NO_PROXY));
  }

  @Test
  void anAddressInUseIsNamed() throws IOException {
    try (RawServer server = new RawServer(Socket::close)) {
      int taken = server.address().getPort();
      IOException error =
          assertThrows(IOException.class, () -> acceptorAt(taken).start(u -> accept()));
      assertTrue(error.getMessage().contains(String.valueOf(taken)), error::toString);
    }
  }

  /** An acceptor for this port of loopback. */
  protected abstract WebSocketAcceptor acceptorAt(int port);
}
