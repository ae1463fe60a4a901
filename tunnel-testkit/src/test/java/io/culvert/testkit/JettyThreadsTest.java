package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.jetty.JettyAcceptor;
import io.culvert.websocket.jetty.JettyDialer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Every thread has a name and ends with its owner; those of an acceptor keep the JVM up. */
@Timeout(120) // a hang guard
class JettyThreadsTest {
  private static final String PREFIX = "culvert-jetty-threads-test";
  private static final String DIALS = PREFIX + "-dial-";

  private final RecordingListener accepted = new RecordingListener();
  private final RecordingListener dialed = new RecordingListener();

  private static List<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(PREFIX))
        .toList();
  }

  private static WebSocketAcceptor acceptor() {
    return new JettyAcceptor(
        new ListenRequest(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            new WebSocketAcceptor.Limits(1000, Duration.ofSeconds(30)),
            null,
            PREFIX));
  }

  private WebSocket dial(InetSocketAddress address, Duration timeout) throws IOException {
    URI uri = URI.create("ws://127.0.0.1:" + address.getPort());
    return new JettyDialer(PREFIX)
        .dial(
            new DialRequest(uri, Map.of(), null, timeout, null, Proxy.NO_PROXY, null, 1000),
            dialed);
  }

  private WebSocket dial(InetSocketAddress address) throws IOException {
    return dial(address, Duration.ofSeconds(30));
  }

  @Test
  void threadsEndWithTheirOwners() throws Exception {
    try (WebSocketAcceptor acceptor = acceptor()) {
      assertEquals(List.of(), threads());
      acceptor.start(upgrade -> new Upgrade.Accept(null, accepted));
      assertTrue(threads().stream().anyMatch(thread -> !thread.isDaemon()), "it keeps the JVM up");
      WebSocket end = dial(acceptor.address());
      List<Thread> dialing =
          threads().stream().filter(thread -> thread.getName().startsWith(DIALS)).toList();
      assertFalse(dialing.isEmpty());
      assertTrue(dialing.stream().allMatch(Thread::isDaemon), "a dial does not");
      end.close(1000, "");
      dialed.awaitClose();
      Await.noThreads(DIALS);
      accepted.awaitClose();
      dialed.reset();
      accepted.reset();
      dial(acceptor.address());
    }
    assertEquals(
        List.of(),
        threads().stream().filter(thread -> !thread.getName().startsWith(DIALS)).toList(),
        "close() has waited for the acceptor's");
    dialed.awaitClose();
    Await.noThreads(PREFIX);
  }

  @Test
  void abortEndsTheThreadsOfADial() throws Exception {
    try (RawServer server =
        new RawServer(
            socket -> {
              RawUpgrade.accept(socket);
              socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            })) {
      dial(server.address()).abort();
      Await.noThreads(PREFIX);
    }
  }

  @Test
  void aWebSocketWhoseThreadsHaveEndedMayStillBeCalled() throws Exception {
    try (RawServer server =
        new RawServer(
            socket -> {
              RawUpgrade.accept(socket);
              socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            })) {
      WebSocket end = dial(server.address());
      end.pause();
      end.abort();
      Await.noThreads(PREFIX);
      end.resume();
      end.ping(ByteBuffer.allocate(0));
      end.close(1000, "");
      end.abort();
      CompletableFuture<Boolean> failed = new CompletableFuture<>();
      end.send(ByteBuffer.allocate(1), failure -> failed.complete(failure != null));
      assertTrue(failed.join());
    }
  }

  @Test
  void aRefusedDialLeavesNoThread() throws Exception {
    try (RawServer server = RawServer.answering("HTTP/1.1 403 Forbidden\r\n\r\n")) {
      assertThrows(IOException.class, () -> dial(server.address()));
      Await.noThreads(PREFIX);
    }
  }

  @Test
  void aDialThatIsGivenUpLeavesNoThread() throws Exception {
    try (RawServer server =
        new RawServer(
            socket -> socket.getInputStream().transferTo(OutputStream.nullOutputStream()))) {
      assertThrows(IOException.class, () -> dial(server.address(), Duration.ofMillis(100)));
      Await.noThreads(PREFIX);
    }
  }

  @Test
  void anAcceptorThatCannotBindLeavesNoThread() throws Exception {
    try (RawServer taken = new RawServer(socket -> {})) {
      WebSocketAcceptor acceptor =
          new JettyAcceptor(
              new ListenRequest(
                  taken.address(),
                  new WebSocketAcceptor.Limits(1000, Duration.ofSeconds(30)),
                  null,
                  PREFIX));
      assertThrows(IOException.class, () -> acceptor.start(u -> new Upgrade.Refuse(404, "no")));
      acceptor.close();
      assertEquals(List.of(), threads());
    }
  }

  @Test
  void aCallbackMayCloseItsAcceptor() throws Exception {
    WebSocketAcceptor acceptor = acceptor();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    RecordingListener closing =
        new RecordingListener() {
          @Override
          public void onBinary(ByteBuffer message) {
            acceptor.close();
            interrupted.complete(Thread.currentThread().isInterrupted());
          }
        };
    acceptor.start(upgrade -> new Upgrade.Accept(null, closing));
    dial(acceptor.address()).send(ByteBuffer.allocate(1), failure -> {});
    assertFalse(interrupted.join(), "it did not wait for its own end");
    closing.opened();
    assertEquals(1006, closing.awaitClose().code());
    dialed.awaitClose();
    acceptor.close();
    Await.noThreads(PREFIX);
  }

  @Test
  void closeWaitsForACallbackThatIsAtWork() throws Exception {
    WebSocketAcceptor acceptor = acceptor();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger reported = new AtomicInteger();
    RecordingListener slow =
        new RecordingListener() {
          @Override
          public void onBinary(ByteBuffer message) {
            inside.countDown();
            Await.until("the test lets it go on", () -> goOn.getCount() == 0);
          }

          @Override
          public void onClose(int code, String reason) {
            reported.set(code);
          }
        };
    acceptor.start(upgrade -> new Upgrade.Accept(null, slow));
    dial(acceptor.address()).send(ByteBuffer.allocate(1), failure -> {});
    inside.await();
    Thread closer = new Thread(acceptor::close, "closing-" + PREFIX);
    closer.start();
    dialed.awaitClose();
    goOn.countDown();
    closer.join();
    assertEquals(1006, reported.get());
    Await.noThreads(PREFIX);
  }
}
