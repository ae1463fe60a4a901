package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.TlsMaterial;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketListener;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Many senders on many connections, at both ends at once, with pauses that let sockets fall idle:
 * that is when a lost wake-up would strand a message. Runs longer with {@code
 * -Dculvert.stress.rounds=1000}.
 */
class JavaWebSocketStressTest {
  private static final int ROUNDS = Integer.getInteger("culvert.stress.rounds", 30);
  private static final int CONNECTIONS = 8;
  private static final int SENDERS_PER_END = 2;
  private static final int BURST = 20;

  @TempDir Path directory;

  /** Counts what arrives, and checks that each sender's messages arrive in order. */
  private static final class Counting implements WebSocketListener {
    final CountDownLatch missing = new CountDownLatch(SENDERS_PER_END * ROUNDS * BURST);
    final Queue<String> violations;
    final CountDownLatch opened = new CountDownLatch(1);
    final int[] next = new int[SENDERS_PER_END];
    volatile WebSocket webSocket;

    Counting(Queue<String> violations) {
      this.violations = violations;
    }

    @Override
    public void onOpen(WebSocket webSocket) {
      this.webSocket = webSocket;
      opened.countDown();
    }

    @Override
    public void onBinary(ByteBuffer message) {
      int sender = message.getInt(0);
      int number = message.getInt(4);
      if (next[sender]++ != number) {
        violations.add("message " + number + " of sender " + sender + " is out of order");
      }
      missing.countDown();
    }

    @Override
    public void onText(ByteBuffer message) {
      violations.add("text");
    }

    @Override
    public void onClose(int code, String reason) {}
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingIsLostAndNothingStalls(boolean tls) throws Exception {
    TestCertificates certificates = TestCertificates.make(directory, "EC", "dns:localhost");
    SSLContext server =
        tls
            ? TlsMaterial.serverFromPem(certificates.certificate(), certificates.privateKey())
            : null;
    Queue<String> violations = new ConcurrentLinkedQueue<>();
    List<Counting> ends = new ArrayList<>();
    try (WebSocketAcceptor acceptor =
        new JavaWebSocketAcceptor(
            new ListenRequest(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new WebSocketAcceptor.Limits(1 << 20, RecordingListener.HANG_GUARD),
                server,
                "culvert-stress"))) {
      Queue<Counting> waiting = new ConcurrentLinkedQueue<>();
      acceptor.start(upgrade -> new Upgrade.Accept(null, waiting.remove()));
      for (int i = 0; i < CONNECTIONS; i++) {
        Counting accepted = new Counting(violations);
        Counting dialed = new Counting(violations);
        waiting.add(accepted);
        new JavaWebSocketDialer("culvert-stress")
            .dial(request(acceptor, tls, certificates), dialed);
        assertTrue(accepted.opened.await(30, TimeUnit.SECONDS));
        ends.add(accepted);
        ends.add(dialed);
      }
      List<Thread> senders = new ArrayList<>();
      for (Counting end : ends) {
        for (int s = 0; s < SENDERS_PER_END; s++) {
          int sender = s;
          senders.add(
              new Thread(() -> send(end.webSocket, sender, violations), "stress-sender-" + s));
        }
      }
      senders.forEach(Thread::start);
      for (Thread sender : senders) {
        sender.join();
      }
      assertEquals(List.of(), List.copyOf(violations));
      for (Counting end : ends) {
        assertTrue(
            end.missing.await(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS),
            () -> end.missing.getCount() + " messages never arrived");
      }
    }
    assertEquals(List.of(), List.copyOf(violations));
  }

  private static DialRequest request(
      WebSocketAcceptor acceptor, boolean tls, TestCertificates certificates) throws Exception {
    return new DialRequest(
        URI.create((tls ? "wss" : "ws") + "://localhost:" + acceptor.address().getPort()),
        Map.of(),
        null,
        Duration.ofSeconds(30),
        tls ? TlsMaterial.clientTrusting(certificates.certificate()) : null,
        Proxy.NO_PROXY,
        null,
        1 << 20);
  }

  /** Sends bursts, and waits for the completions of each: a stranded message hangs here. */
  private static void send(WebSocket webSocket, int sender, Queue<String> violations) {
    int number = 0;
    for (int round = 0; round < ROUNDS; round++) {
      CountDownLatch written = new CountDownLatch(BURST);
      AtomicLong order = new AtomicLong();
      for (int i = 0; i < BURST; i++) {
        int expected = i;
        int length = 8 + ThreadLocalRandom.current().nextInt(i % 10 == 0 ? 70_000 : 500);
        ByteBuffer message = ByteBuffer.allocate(length).putInt(0, sender).putInt(4, number++);
        webSocket.send(
            message,
            failure -> {
              if (failure != null || order.getAndIncrement() != expected) {
                violations.add("completion " + expected + " out of order, or failed: " + failure);
              }
              written.countDown();
            });
      }
      try {
        if (!written.await(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS)) {
          violations.add("a completion never ran");
          return;
        }
      } catch (InterruptedException e) {
        violations.add("interrupted");
        return;
      }
    }
  }
}
