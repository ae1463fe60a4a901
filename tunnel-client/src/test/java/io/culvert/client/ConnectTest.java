package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.ConnectProxy;
import io.culvert.testkit.RawServer;
import io.culvert.testkit.RawUpgrade;
import io.culvert.testkit.TestCertificates;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ways to connect, and ways to be turned away. */
@Timeout(60)
class ConnectTest {
  private static final String TOKEN = "s3cr3t-t0ken";

  @TempDir Path directory;

  @AfterEach
  void nothingIsLeft() {
    Await.noThreads("culvert-");
  }

  private static TunnelServer start(TunnelServer.Builder builder) throws IOException {
    TunnelServer server = builder.build();
    server.onConnection(connection -> connection.serve(TestServlet.saying("served")));
    return server.start();
  }

  private static void assertServes(TunnelClient client) throws IOException {
    try (SocketConnection connection = client.connect()) {
      assertEquals("served", Setup.get(connection));
    }
  }

  // Admission.

  @Test
  void connectionsBeyondTheLimitAreTurnedAwayWith503() throws Exception {
    try (TunnelServer server = start(Setup.server().maxConnections(2))) {
      SocketConnection first = Setup.client(server).build().connect();
      try (SocketConnection second = Setup.client(server).build().connect()) {
        UpgradeException refused =
            assertThrows(UpgradeException.class, () -> Setup.client(server).build().connect());
        assertEquals(503, refused.status());
        assertEquals("served", Setup.get(second));
        first.close();
        Await.until("there is room again", () -> server.connections().size() == 1);
        CompletableFuture<SocketConnection> third =
            Setup.async(
                () -> {
                  while (true) {
                    try {
                      return Setup.client(server).build().connect();
                    } catch (UpgradeException e) {
                      // The first one's socket is on its way out.
                      assertEquals(503, e.status());
                    }
                  }
                });
        assertEquals("served", Setup.get(Setup.result(third)));
        third.join().close();
      }
    }
  }

  @Test
  void whoeverTheAuthorizerRefusesIsToldSoAndLeavesNothing() throws Exception {
    ByteArrayOutputStream logged = new ByteArrayOutputStream();
    PrintStream before = System.err;
    System.setErr(new PrintStream(logged, true, StandardCharsets.UTF_8));
    try (TunnelServer server =
        start(
            Setup.server()
                .authorizer(
                    request -> {
                      String authorization = request.header("authorization");
                      if (authorization == null) {
                        return Optional.of(
                            new Upgrade.Refuse(
                                401, "who are you?", Map.of("WWW-Authenticate", "Bearer")));
                      }
                      return authorization.equals("Bearer " + TOKEN)
                          ? Optional.empty()
                          : Optional.of(new Upgrade.Refuse(403, "not you"));
                    }))) {
      assertRefused(401, Setup.client(server));
      assertRefused(403, Setup.client(server).bearerToken(TOKEN + "x"));
      assertServes(Setup.client(server).bearerToken(TOKEN).build());
      assertServes(Setup.client(server).header("Authorization", "Bearer " + TOKEN).build());
    } finally {
      System.setErr(before);
    }
    assertFalse(logged.toString(StandardCharsets.UTF_8).contains(TOKEN));
  }

  private static void assertRefused(int status, TunnelClient.Builder client) {
    UpgradeException refused = assertThrows(UpgradeException.class, () -> client.build().connect());
    assertEquals(status, refused.status());
    assertNoSecret(refused);
  }

  private static void assertNoSecret(Throwable failure) {
    StringWriter text = new StringWriter();
    failure.printStackTrace(new PrintWriter(text));
    assertFalse(text.toString().contains(TOKEN));
  }

  @Test
  void anAuthorizerThatFailsRefuses() throws Exception {
    try (TunnelServer server =
        start(
            Setup.server()
                .authorizer(
                    request -> {
                      throw new IllegalStateException("on purpose");
                    }))) {
      UpgradeException refused =
          assertThrows(UpgradeException.class, () -> Setup.client(server).build().connect());
      assertEquals(500, refused.status());
    }
  }

  // TLS and proxies.

  private static TunnelClient.Builder secureClient(TunnelServer server) {
    return TunnelClient.builder("wss://localhost:" + server.address().getPort());
  }

  @Test
  void wssWithPemFilesAndAGivenAuthority() throws Exception {
    TestCertificates own = TestCertificates.forLoopback(directory);
    try (TunnelServer server = start(Setup.server().tls(own.certificate(), own.privateKey()))) {
      assertEquals("wss", server.uri().getScheme());
      try (SocketConnection connection =
          secureClient(server).trust(own.certificate()).build().connect()) {
        assertEquals("served", Setup.get(connection));
        assertTrue(connection.secure());
        assertTrue(server.connection(connection.id()).orElseThrow().secure());
      }
    }
  }

  @Test
  void wssWithAKeystore() throws Exception {
    TestCertificates own = TestCertificates.forLoopback(directory);
    try (TunnelServer server =
        start(Setup.server().tls(own.keyStore(), TestCertificates.PASSWORD.toCharArray()))) {
      assertServes(secureClient(server).trust(own.certificate()).build());
    }
  }

  @Test
  void aCertificateOfAnotherAuthorityIsRefused() throws Exception {
    TestCertificates own =
        TestCertificates.forLoopback(Files.createDirectory(directory.resolve("own")));
    TestCertificates other =
        TestCertificates.forLoopback(Files.createDirectory(directory.resolve("other")));
    try (TunnelServer server = start(Setup.server().tls(own.certificate(), own.privateKey()))) {
      IOException untrusted =
          assertThrows(
              javax.net.ssl.SSLException.class,
              () -> secureClient(server).trust(other.certificate()).build().connect());
      assertTrue(untrusted.getMessage().contains("PKIX path"), untrusted.getMessage());
      assertThrows(javax.net.ssl.SSLException.class, () -> secureClient(server).build().connect());
      assertServes(secureClient(server).trust(own.certificate()).build());
    }
  }

  @Test
  void wsToATlsServerAndWssToAClearOneFail() throws Exception {
    TestCertificates own = TestCertificates.forLoopback(directory);
    try (TunnelServer secure = start(Setup.server().tls(own.certificate(), own.privateKey()));
        TunnelServer clear = start(Setup.server())) {
      assertThrows(IOException.class, () -> Setup.client(secure).build().connect());
      assertThrows(javax.net.ssl.SSLException.class, () -> secureClient(clear).build().connect());
    }
  }

  @Test
  void throughAnHttpProxyWithCredentials() throws Exception {
    String expected =
        "Basic "
            + Base64.getEncoder()
                .encodeToString(("user:" + TOKEN).getBytes(StandardCharsets.UTF_8));
    try (TunnelServer server = start(Setup.server());
        ConnectProxy proxy = new ConnectProxy(expected)) {
      assertServes(
          Setup.client(server).proxy(proxy.proxy()).proxyCredentials("user", TOKEN).build());
      assertEquals(
          List.of("127.0.0.1:" + server.address().getPort()), List.copyOf(proxy.targets()));
      IOException refused =
          assertThrows(
              IOException.class,
              () ->
                  Setup.client(server)
                      .proxy(proxy.proxy())
                      .proxyCredentials("user", TOKEN + "x")
                      .build()
                      .connect());
      assertTrue(refused.getMessage().contains("407"), refused.getMessage());
      assertNoSecret(refused);
    }
  }

  // Failures.

  @Test
  void nobodyListens() throws Exception {
    InetSocketAddress free;
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(Setup.loopback());
      free = (InetSocketAddress) socket.getLocalSocketAddress();
    }
    EventLog events = new EventLog();
    IOException refused =
        assertThrows(IOException.class, () -> Setup.client(free).onEvent(events).build().connect());
    assertTrue(
        refused.getMessage().contains("cannot connect to 127.0.0.1:" + free.getPort()),
        refused.getMessage());
    Await.noThreads("culvert-");
    assertEquals(0, events.waiting());
  }

  @Test
  void aServerThatNeverAnswersTheUpgradeTimesOut() throws Exception {
    try (ServerSocket silent = new ServerSocket()) {
      silent.bind(Setup.loopback());
      InetSocketAddress address = (InetSocketAddress) silent.getLocalSocketAddress();
      assertThrows(
          SocketTimeoutException.class,
          () -> Setup.client(address).dialTimeout(Duration.ofMillis(50)).build().connect());
    }
  }

  @Test
  void anInterruptEndsTheDial() throws Exception {
    try (ServerSocket silent = new ServerSocket()) {
      silent.bind(Setup.loopback());
      InetSocketAddress address = (InetSocketAddress) silent.getLocalSocketAddress();
      TunnelClient client = Setup.client(address).dialTimeout(Duration.ofDays(1)).build();
      Thread.currentThread().interrupt();
      assertThrows(InterruptedIOException.class, client::connect);
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void anInterruptEndsTheHandshake() throws Exception {
    CountDownLatch upgrading = new CountDownLatch(1);
    try (RawServer mute =
        new RawServer(
            socket -> {
              RawUpgrade.accept(socket, "Sec-WebSocket-Protocol: culvert.v1");
              socket.getInputStream().read();
              upgrading.countDown();
              socket.getInputStream().readAllBytes();
            })) {
      TunnelClient client =
          Setup.client(mute.address()).handshakeTimeout(Duration.ofDays(1)).build();
      CompletableFuture<Thread> dialing = new CompletableFuture<>();
      CompletableFuture<SocketConnection> result =
          Setup.async(
              () -> {
                dialing.complete(Thread.currentThread());
                return client.connect();
              });
      Setup.await(upgrading);
      dialing.join().interrupt();
      assertEquals(InterruptedIOException.class, Setup.failure(result).getClass());
      Await.noThreads("culvert-client");
    }
  }

  @Test
  void aServerThatNeverAnswersTheHandshakeTimesOut() throws Exception {
    try (RawServer mute =
        new RawServer(
            socket -> {
              RawUpgrade.accept(socket, "Sec-WebSocket-Protocol: culvert.v1");
              socket.getInputStream().readAllBytes();
            })) {
      CompletableFuture<SocketConnection> result =
          Setup.async(
              () ->
                  Setup.client(mute.address())
                      .handshakeTimeout(Duration.ofMillis(50))
                      .build()
                      .connect());
      assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, Setup.lost(result, Delivered.NO).code());
    }
  }

  @Test
  void metadataBeyondTheServersLimitAreRejected() throws Exception {
    try (TunnelServer server = start(Setup.server().metadataLimit(100))) {
      TunnelException rejected =
          assertThrows(
              TunnelException.class,
              () -> Setup.client(server).metadata("app", "x".repeat(100)).build().connect());
      assertEquals(ErrorCode.METADATA_TOO_LARGE, rejected.code());
      assertTrue(rejected.getMessage().contains("takes 100"), rejected.getMessage());
      assertServes(Setup.client(server).metadata("app", "x").build());
    }
  }

  @Test
  void metadataThatFitIntoNoPacketAreRefusedBeforeDialing() {
    TunnelClient.Builder builder =
        TunnelClient.builder("ws://localhost").metadata("app", "x".repeat(65_500));
    assertThrows(IllegalArgumentException.class, builder::build);
    TunnelClient.Builder unnamed = TunnelClient.builder("ws://localhost").metadata("", "x");
    assertThrows(IllegalArgumentException.class, unnamed::build);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "localhost:7000",
        "http://localhost",
        "ws://",
        "ws:///path",
        "ws://a b",
        "//localhost"
      })
  void aUrlThatCannotBeDialedIsRefused(String url) {
    IllegalArgumentException wrong =
        assertThrows(IllegalArgumentException.class, () -> TunnelClient.builder(url).build());
    assertTrue(wrong.getMessage().contains("ws://host:port"), wrong.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ws://user:" + TOKEN + "@localhost",
        "ws://user:" + TOKEN + "@local host",
        "ws://user:" + TOKEN + "@local_host",
        "http://localhost/?token=" + TOKEN,
        "ws://localhost/a b?token=" + TOKEN
      })
  void aWrongUrlIsNotQuotedWithItsSecrets(String url) {
    assertNoSecret(
        assertThrows(IllegalArgumentException.class, () -> TunnelClient.builder(url).build()));
  }

  @Test
  void argumentsAreChecked() {
    assertThrows(IllegalArgumentException.class, () -> TunnelServer.builder().maxConnections(0));
    assertThrows(IllegalArgumentException.class, () -> TunnelServer.builder().port(70_000));
    assertThrows(IllegalArgumentException.class, () -> TunnelServer.builder().maxStreams(0));
    assertThrows(IllegalArgumentException.class, () -> TunnelServer.builder().windows(10, 5, 0));
    assertThrows(
        IllegalArgumentException.class, () -> TunnelServer.builder().replayBuffer(0).build());
    assertThrows(
        IllegalArgumentException.class, () -> TunnelServer.builder().upgradeTimeout(Duration.ZERO));
    assertThrows(
        IllegalArgumentException.class,
        () -> TunnelClient.builder("ws://localhost").dialTimeout(Duration.ZERO));
    assertThrows(
        IOException.class,
        () -> TunnelServer.builder().tls(directory.resolve("none"), new char[0]));
  }

  // Start and stop.

  @Test
  void aPortInUseIsNamed() throws Exception {
    try (TunnelServer server = start(Setup.server())) {
      TunnelServer second = TunnelServer.builder().address(server.address()).build();
      IOException inUse = assertThrows(IOException.class, second::start);
      assertTrue(inUse.getMessage().contains(":" + server.address().getPort()), inUse.getMessage());
      assertServes(Setup.client(server).build());
      second.close();
    }
  }

  @Test
  void aServerStartsOnce() throws Exception {
    TunnelServer server = start(Setup.server());
    assertThrows(IllegalStateException.class, server::start);
    assertServes(Setup.client(server).build());
    server.close();
    server.close();
    assertThrows(IllegalStateException.class, server::start);
    assertThrows(IllegalStateException.class, () -> Setup.server().build().address());
  }

  @Test
  void aServerThatNeverStartedStops() {
    Setup.server().build().close();
  }

  @Test
  void dialsThatRaceWithTheStopSucceedOrFailCleanly() throws Exception {
    for (int round = 0; round < 20; round++) {
      TunnelServer server = start(Setup.server());
      EventLog events = new EventLog();
      TunnelClient client = Setup.client(server).reconnectOff().onEvent(events).build();
      CompletableFuture<SocketConnection> dial = Setup.async(client::connect);
      server.stop(Duration.ZERO);
      try {
        Setup.result(dial).close();
        events.next(ConnectionEvent.Type.RECEIVED);
      } catch (java.util.concurrent.ExecutionException e) {
        assertTrue(e.getCause() instanceof IOException, () -> "but got " + e.getCause());
      }
    }
  }
}
