package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.TlsMaterial;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The part of {@link WebSocketNetworkContract} about TLS (D1). */
public abstract class WebSocketTlsContract extends WebSocketFrameContract {

  @TempDir Path directory;

  protected static SSLContext trusting(TestCertificates certificates) throws IOException {
    return TlsMaterial.clientTrusting(certificates.certificate());
  }

  protected WebSocket dialTls(InetSocketAddress address, SSLContext trust, Proxy proxy)
      throws IOException {
    return dialTls(address, trust, proxy, dialed);
  }

  private WebSocket dialTls(
      InetSocketAddress address, SSLContext trust, Proxy proxy, WebSocketListener listener)
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
            listener);
  }

  protected TestCertificates certificates(String name, String names) throws IOException {
    return TestCertificates.make(Files.createDirectory(directory.resolve(name)), "EC", names);
  }

  protected WebSocketAcceptor startTls(TestCertificates certificates) throws IOException {
    return start(
        upgrade -> accept(),
        TlsMaterial.serverFromPem(certificates.certificate(), certificates.privateKey()));
  }

  /** As {@link #connect(WebSocketListener, WebSocketListener)}, over TLS. */
  protected Ends connectTls(WebSocketListener atDialer, WebSocketListener atAcceptor)
      throws IOException {
    TestCertificates certificates = certificates("connect-tls", "dns:localhost");
    CompletableFuture<WebSocket> opened = new CompletableFuture<>();
    WebSocketAcceptor acceptor =
        start(
            upgrade -> new Upgrade.Accept(SUBPROTOCOL, opening(atAcceptor, opened)),
            TlsMaterial.serverFromPem(certificates.certificate(), certificates.privateKey()));
    WebSocket dialerEnd =
        dialTls(acceptor.address(), trusting(certificates), Proxy.NO_PROXY, atDialer);
    return new Ends(dialerEnd, opened.orTimeout(DIAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS).join());
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
  void pausesOverTlsLoseAndReorderNothing() throws Exception {
    exchangeWithPauses(this::connectTls);
  }

  @Test
  void packetsAtRateOverTlsKeepBytesAndOrder() throws Exception {
    exchangeAtRate(this::connectTls);
  }
}
