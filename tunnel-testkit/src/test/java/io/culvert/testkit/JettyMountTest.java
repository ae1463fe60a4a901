package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import io.culvert.websocket.jetty.JettyMount;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.websocket.core.WebSocketCoreSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A Jetty server that serves something else, and has an acceptor on one of its paths. */
@Timeout(120) // a hang guard
class JettyMountTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Server server = new Server();
  private final ServerConnector connector = new ServerConnector(server);
  private final JettyMount mount = new JettyMount("/tunnel");
  private final List<WebSocketAcceptor> acceptors = new ArrayList<>();
  private final RecordingListener accepted = new RecordingListener();

  @BeforeEach
  void start() throws Exception {
    connector.setHost("127.0.0.1");
    server.addConnector(connector);
    server.setHandler(new Hello());
    server.insertHandler(mount);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    acceptors.forEach(WebSocketAcceptor::close);
    server.stop();
  }

  private static final class Hello extends Handler.Abstract {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      Content.Sink.write(response, true, "hello from " + request.getHttpURI().getPath(), callback);
      return true;
    }
  }

  private WebSocketAcceptor acceptor(JettyMount of) {
    WebSocketAcceptor acceptor = of.acceptor(listen());
    acceptors.add(acceptor);
    return acceptor;
  }

  private static ListenRequest listen() {
    return new ListenRequest(null, new WebSocketAcceptor.Limits(1000, LONG), null, "unused");
  }

  private WebSocketAcceptor started() throws IOException {
    WebSocketAcceptor acceptor = acceptor(mount);
    acceptor.start(upgrade -> new Upgrade.Accept(null, accepted));
    return acceptor;
  }

  private WebSocket dial(String path) throws IOException {
    URI uri = URI.create("ws://127.0.0.1:" + connector.getLocalPort() + path);
    return new JavaWebSocketDialer()
        .dial(
            new DialRequest(uri, Map.of(), null, LONG, null, Proxy.NO_PROXY, null, 1000),
            new RecordingListener());
  }

  private void assertRefused(int status, String path) {
    assertEquals(status, assertThrows(UpgradeException.class, () -> dial(path)).status());
  }

  private String get(String path) throws IOException {
    return answer("GET " + path + " HTTP/1.1", "Host: x", "Connection: close");
  }

  private Socket connect() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), connector.getLocalPort());
  }

  /** The whole answer to a request, given as its lines. */
  private String answer(String... request) throws IOException {
    try (Socket socket = connect()) {
      String head = String.join("\r\n", request) + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void assertServesTheRest() throws IOException {
    String answer = get("/other");
    assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
    assertTrue(answer.endsWith("hello from /other"), answer);
    assertTrue(get("/tunnel/below").endsWith("hello from /tunnel/below"));
  }

  @Test
  void theServerServesItsOtherPathsWhileTheMountAcceptsOnItsOwn() throws Exception {
    assertServesTheRest();
    WebSocketAcceptor acceptor = started();
    WebSocket end = dial("/tunnel?x=1");
    accepted.opened();
    assertServesTheRest();
    end.send(ByteBuffer.allocate(7), failure -> {});
    assertEquals(7, accepted.next(Event.Binary.class).message().remaining());
    acceptor.close();
    assertEquals(1006, accepted.next(Event.Close.class).code());
    assertServesTheRest();
  }

  @Test
  void upgradesAreAnsweredWith503WhileNoAcceptorIsStarted() throws Exception {
    assertRefused(503, "/tunnel");
    WebSocketAcceptor first = acceptor(mount);
    assertRefused(503, "/tunnel");
    first.start(upgrade -> new Upgrade.Accept(null, accepted));
    WebSocket end = dial("/tunnel");
    accepted.opened();
    first.stopListening();
    assertRefused(503, "/tunnel");
    end.send(ByteBuffer.allocate(1), failure -> {});
    accepted.next(Event.Binary.class);
    first.close();
    assertEquals(1006, accepted.next(Event.Close.class).code());
    assertRefused(503, "/tunnel");
    accepted.reset();
    started();
    dial("/tunnel");
    accepted.opened();
  }

  @Test
  void whatIsNoUpgradeIsToldWhatIsExpected() throws Exception {
    started();
    String answer = get("/tunnel");
    assertTrue(answer.startsWith("HTTP/1.1 426 "), answer);
    assertTrue(answer.contains("\r\nUpgrade: websocket\r\n"), answer);
  }

  @Test
  void aMountHasOneStartedAcceptorAtATime() throws Exception {
    started();
    WebSocketAcceptor second = acceptor(mount);
    assertThrows(
        IllegalStateException.class,
        () -> second.start(upgrade -> new Upgrade.Refuse(404, "not me")));
    second.close();
    dial("/tunnel"); // the first still answers
    accepted.opened();
  }

  @Test
  void addressAndTlsAreTheServersAffair() throws Exception {
    assertTrue(mount.hosted());
    ListenRequest here = listen();
    ListenRequest address =
        new ListenRequest(
            InetSocketAddress.createUnresolved("localhost", 0), here.limits(), null, "unused");
    ListenRequest tls = new ListenRequest(null, here.limits(), SSLContext.getDefault(), "unused");
    assertThrows(IllegalArgumentException.class, () -> mount.acceptor(address));
    assertThrows(IllegalArgumentException.class, () -> mount.acceptor(tls));
    assertThrows(IllegalArgumentException.class, () -> new JettyMount("tunnel"));
    WebSocketAcceptor acceptor = started();
    assertThrows(IllegalStateException.class, acceptor::address);
  }

  @Test
  void theIdleTimeoutOfTheServerEndsWithTheUpgrade() throws Exception {
    started();
    dial("/tunnel");
    WebSocketCoreSession session = (WebSocketCoreSession) accepted.opened().underlying();
    assertEquals(0, session.getConnection().getEndPoint().getIdleTimeout());
  }

  @Test
  void aStoppingServerEndsItsWebSockets() throws Exception {
    started();
    dial("/tunnel");
    accepted.opened();
    server.stop();
    assertEquals(1006, accepted.next(Event.Close.class).code());
  }

  @Test
  void insideAContextThePathIsTheContexts() throws Exception {
    JettyMount inner = new JettyMount("/inner/*");
    inner.setHandler(new Hello());
    server.stop();
    server.setHandler(new ContextHandler(inner, "/app"));
    server.start();
    WebSocketAcceptor acceptor = acceptor(inner);
    acceptor.start(
        upgrade -> new Upgrade.Refuse(401, "seen", Map.of("X-Target", upgrade.target())));
    String answer =
        answer(
            "GET /app/inner/deep?q HTTP/1.1",
            "Host: x",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==");
    assertTrue(answer.contains("\r\nX-Target: /app/inner/deep?q\r\n"), answer);
    assertTrue(answer.contains("\r\nConnection: close\r\n"), answer);
    assertTrue(get("/app/other").endsWith("hello from /app/other"));
  }
}
