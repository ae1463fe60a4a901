package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Every thread has a name and ends with its owner; one of an acceptor keeps the JVM up. */
class JavaWebSocketThreadsTest {
  private static final String PREFIX = "culvert-threads-test";

  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(PREFIX))
        .toList();
  }

  private static void awaitNoThreads() throws InterruptedException {
    for (Thread thread : threads()) {
      thread.join(RecordingListener.HANG_GUARD.toMillis());
    }
    assertEquals(List.of(), threads());
  }

  private static WebSocket dial(InetSocketAddress address, RecordingListener listener)
      throws IOException {
    URI uri = URI.create("ws://localhost:" + address.getPort());
    return new JavaWebSocketDialer(PREFIX)
        .dial(
            new DialRequest(
                uri, Map.of(), null, Duration.ofSeconds(30), null, Proxy.NO_PROXY, null, 1000),
            listener);
  }

  @Test
  void threadsEndWithTheirOwners() throws Exception {
    RecordingListener accepted = new RecordingListener();
    try (WebSocketAcceptor acceptor =
        new JavaWebSocketAcceptor(
            new ListenRequest(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new WebSocketAcceptor.Limits(1000, Duration.ofSeconds(30)),
                null,
                PREFIX))) {
      acceptor.start(
          upgrade ->
              upgrade.target().equals("/")
                  ? new Upgrade.Accept(null, accepted)
                  : new Upgrade.Refuse(404, "not here"));
      RecordingListener dialed = new RecordingListener();
      WebSocket end = dial(acceptor.address(), dialed);
      List<Thread> running = threads();
      assertEquals(
          List.of(PREFIX + "-io-0"),
          running.stream().filter(thread -> !thread.isDaemon()).map(Thread::getName).toList(),
          "a server keeps the JVM up, a dialed WebSocket does not");
      assertEquals(
          1, running.stream().filter(thread -> thread.getName().contains("-dial-")).count());
      end.close(1000, "");
      dialed.awaitClose();
      accepted.awaitClose();
      dial(acceptor.address(), new RecordingListener());
    }
    awaitNoThreads();
  }

  @Test
  void aFailedDialLeavesNoThread() throws Exception {
    try (RawServer server = RawServer.answering("HTTP/1.1 403 Forbidden\r\n\r\n")) {
      assertThrows(IOException.class, () -> dial(server.address(), new RecordingListener()));
      awaitNoThreads();
    }
  }
}
