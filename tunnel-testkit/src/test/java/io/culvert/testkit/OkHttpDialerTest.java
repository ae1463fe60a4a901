package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.okhttp.OkHttpDialer;
import java.io.DataInputStream;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import okhttp3.CertificatePinner;
import okhttp3.OkHttpClient;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Dials over OkHttp: what its own client brings along, and what it leaves behind. */
class OkHttpDialerTest extends OkHttpFixture {

  private DialRequest request(
      String uri, Map<String, String> headers, SSLContext tls, Proxy proxy) {
    return new DialRequest(
        URI.create(uri), headers, SUBPROTOCOL, DIAL_TIMEOUT, tls, proxy, null, MAX_MESSAGE_BYTES);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nX-Evil: 1", "a\u0000", "\u00e4"})
  void aHeaderValueThatCouldForgeHeadersIsRefused(String value) {
    DialRequest request =
        request("ws://localhost:1/", Map.of("X-Mine", value), null, Proxy.NO_PROXY);
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> dialer().dial(request, dialed));
    assertTrue(error.getMessage().contains("X-Mine"), error::toString);
    assertFalse(error.getMessage().contains(value), error::toString);
  }

  @Test
  void anExtensionIsNeitherOfferedNorMayItBeAskedFor() throws IOException {
    AtomicReference<String> offered = new AtomicReference<>("none seen");
    WebSocketAcceptor acceptor =
        start(
            upgrade -> {
              offered.set(upgrade.header("Sec-WebSocket-Extensions"));
              return accept();
            });
    dial(acceptor.address());
    assertNull(offered.get());
    Map<String, String> headers = Map.of("sec-websocket-extensions", "permessage-deflate");
    DialRequest request = request("ws://localhost:1/", headers, null, Proxy.NO_PROXY);
    assertThrows(IllegalArgumentException.class, () -> dialer().dial(request, dialed));
  }

  @Test
  void theClientsInterceptorsAndNameLookupAndAuthenticatorAreUsed() throws IOException {
    AtomicInteger upgrades = new AtomicInteger();
    WebSocketAcceptor acceptor =
        start(
            upgrade -> {
              upgrades.incrementAndGet();
              return "secret".equals(upgrade.header("Authorization"))
                      && "yes".equals(upgrade.header("X-Intercepted"))
                  ? accept()
                  : new Upgrade.Refuse(401, "who?", Map.of("WWW-Authenticate", "Bearer"));
            });
    OkHttpClient client =
        new OkHttpClient.Builder()
            .addInterceptor(
                chain ->
                    chain.proceed(
                        chain.request().newBuilder().header("X-Intercepted", "yes").build()))
            .dns(name -> List.of(InetAddress.getLoopbackAddress()))
            .authenticator(
                (route, refusal) ->
                    refusal.request().newBuilder().header("Authorization", "secret").build())
            .build();
    String uri = "ws://only-the-client-knows.example:" + acceptor.address().getPort();
    new OkHttpDialer(client).dial(request(uri, Map.of(), null, Proxy.NO_PROXY), dialed);
    dialed.opened();
    assertEquals(2, upgrades.get());
  }

  /** They are meant for calls: each would end this dial, or the WebSocket that stalls. */
  @Test
  void theClientsTimeoutsAndPingsAreNotUsed() throws IOException {
    Duration tiny = Duration.ofMillis(1);
    OkHttpClient client =
        new OkHttpClient.Builder()
            .callTimeout(tiny)
            .readTimeout(tiny)
            .writeTimeout(tiny)
            .pingInterval(tiny)
            .webSocketCloseTimeout(tiny)
            .build();
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    FaultProxy network = closeLater(new FaultProxy(acceptor.address()));
    network.delay(Duration.ofMillis(50));
    WebSocket end = new OkHttpDialer(client).dial(request(network.address()), dialed);
    dialed.opened();
    network.inject(FaultProxy.Fault.STOP_READING);
    Sends sends = new Sends(end);
    for (int i = 0; i < 400; i++) {
      sends.send(ByteBuffer.allocate(64 * 1024));
    }
    network.inject(FaultProxy.Fault.NONE);
    sends.awaitAllSucceeded();
    end.close(4000, "");
    assertEquals(4000, dialed.next(RecordingListener.Event.Close.class).code());
  }

  @Test
  void theClientsTlsIsUsedWhenTheRequestHasNone() throws IOException {
    HeldCertificate held = held();
    WebSocketAcceptor acceptor = start(upgrade -> accept(), server(held).sslContext());
    OkHttpClient client = trusting(held).build();
    String uri = "wss://localhost:" + acceptor.address().getPort();
    DialRequest request = request(uri, Map.of(), null, Proxy.NO_PROXY);
    assertTrue(new OkHttpDialer(client).dial(request, dialed).secure());
    assertThrows(SSLException.class, () -> dialer().dial(request, new RecordingListener()));
  }

  @Test
  void aPinIsNotForgottenBecauseTheRequestBringsItsTls() throws IOException {
    HeldCertificate held = held();
    WebSocketAcceptor acceptor = start(upgrade -> accept(), server(held).sslContext());
    String pin = CertificatePinner.pin(held.certificate());
    OkHttpClient client =
        trusting(held)
            .certificatePinner(new CertificatePinner.Builder().add("localhost", pin).build())
            .build();
    String uri = "wss://localhost:" + acceptor.address().getPort();
    new OkHttpDialer(client).dial(request(uri, Map.of(), null, Proxy.NO_PROXY), dialed).abort();
    DialRequest request = request(uri, Map.of(), trust(held).sslContext(), Proxy.NO_PROXY);
    assertThrows(
        SSLException.class, () -> new OkHttpDialer(client).dial(request, new RecordingListener()));
  }

  private static HeldCertificate held() {
    return new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
  }

  private static HandshakeCertificates server(HeldCertificate held) {
    return new HandshakeCertificates.Builder().heldCertificate(held).build();
  }

  private static HandshakeCertificates trust(HeldCertificate held) {
    return new HandshakeCertificates.Builder().addTrustedCertificate(held.certificate()).build();
  }

  private static OkHttpClient.Builder trusting(HeldCertificate held) {
    HandshakeCertificates trust = trust(held);
    return new OkHttpClient.Builder()
        .sslSocketFactory(trust.sslSocketFactory(), trust.trustManager());
  }

  @Test
  void aProxyIsToldWhoDials() throws IOException {
    HeldCertificate held = held();
    WebSocketAcceptor acceptor = start(upgrade -> accept(), server(held).sslContext());
    ConnectProxy proxy = closeLater(new ConnectProxy("Basic c2VjcmV0"));
    DialRequest request =
        new DialRequest(
            URI.create("wss://localhost:" + acceptor.address().getPort()),
            Map.of(),
            SUBPROTOCOL,
            DIAL_TIMEOUT,
            trust(held).sslContext(),
            proxy.proxy(),
            "Basic c2VjcmV0",
            MAX_MESSAGE_BYTES);
    WebSocket end = dialer().dial(request, dialed);
    assertEquals(proxy.proxy().address(), end.remoteAddress());
    assertEquals(1, proxy.targets().size());
  }

  @Test
  void aSocksProxyIsAskedByName() throws Exception {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    BlockingQueue<String> names = new LinkedBlockingQueue<>();
    RawServer proxy =
        closeLater(new RawServer(socket -> serveSocks(socket, acceptor.address(), names)));
    Proxy socks = new Proxy(Proxy.Type.SOCKS, proxy.address());
    WebSocket end =
        dialer()
            .dial(
                request("ws://only-the-proxy-knows.example:7000/", Map.of(), null, socks), dialed);
    assertEquals("only-the-proxy-knows.example:7000", names.take());
    assertEquals(proxy.address(), end.remoteAddress());
    end.send(bytes(3, 1), failure -> {});
    accepted.opened();
    assertEquals(bytes(3, 1), accepted.next(RecordingListener.Event.Binary.class).message());
    end.abort();
  }

  /** RFC 1928, for a dialer that needs no authentication. */
  private static void serveSocks(
      Socket dialer, InetSocketAddress target, BlockingQueue<String> names)
      throws IOException, InterruptedException {
    DataInputStream in = new DataInputStream(dialer.getInputStream());
    assertEquals(5, in.readByte());
    in.skipNBytes(in.readUnsignedByte());
    dialer.getOutputStream().write(new byte[] {5, 0});
    assertEquals(0x05010003, in.readInt());
    String name = new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.US_ASCII);
    names.add(name + ":" + in.readUnsignedShort());
    dialer.getOutputStream().write(new byte[] {5, 0, 0, 1, 127, 0, 0, 1, 0, 1});
    try (Socket onward = new Socket(target.getAddress(), target.getPort())) {
      Thread back = new Thread(() -> copy(onward, dialer), "socks-test-back");
      back.start();
      copy(dialer, onward);
      back.join();
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // The test is over.
    }
  }

  @Test
  void aWrong101OverTlsIsStillAnUpgradeException() throws IOException {
    HeldCertificate held = held();
    WebSocketAcceptor acceptor =
        start(upgrade -> new Upgrade.Accept(null, accepted), server(held).sslContext());
    String uri = "wss://localhost:" + acceptor.address().getPort();
    DialRequest request = request(uri, Map.of(), trust(held).sslContext(), Proxy.NO_PROXY);
    UpgradeException error =
        assertThrows(UpgradeException.class, () -> dialer().dial(request, dialed));
    assertEquals(101, error.status());
  }

  @Test
  void withoutTheLibraryItsNameIsInTheError() throws Throwable {
    URL[] culvertOnly = {OkHttpDialer.class.getProtectionDomain().getCodeSource().getLocation()};
    try (URLClassLoader loader =
        new URLClassLoader(culvertOnly, ClassLoader.getPlatformClassLoader())) {
      MethodHandle constructor =
          MethodHandles.publicLookup()
              .findConstructor(
                  loader.loadClass(OkHttpDialer.class.getName()),
                  MethodType.methodType(void.class));
      // Not the class of this name that the test sees.
      Throwable error = assertThrows(Throwable.class, () -> constructor.invoke());
      assertEquals(MissingLibraryException.class.getName(), error.getClass().getName());
      assertTrue(error.getMessage().contains("com.squareup.okhttp3:okhttp-jvm"), error::toString);
    }
  }
}
