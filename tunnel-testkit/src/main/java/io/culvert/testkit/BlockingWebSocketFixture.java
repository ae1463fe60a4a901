package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.culvert.websocket.BlockingWebSocket;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeRequest;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketClosedException;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** What the contract of {@link BlockingWebSocket} needs: a client, and peers to dial. */
@Timeout(120) // a hang guard
public abstract class BlockingWebSocketFixture {
  /** Longer than anything takes that works. */
  protected static final Duration SOON = RecordingListener.HANG_GUARD;

  /** For what does not come. */
  protected static final Duration SHORT = Duration.ofMillis(50);

  protected static final int MAX_MESSAGE_BYTES = 1 << 20;
  private static final String SUBPROTOCOL = "test";

  private final Deque<AutoCloseable> resources = new ArrayDeque<>();

  /** The acceptor's ends, in the order of the dials. */
  private final BlockingQueue<RecordingListener> accepted = new LinkedBlockingQueue<>();

  /** Connections to the echo that have not ended. */
  protected final AtomicInteger openEchoes = new AtomicInteger();

  /** Takes what {@link #connect} and {@link #connectToEcho} dial; set before each test. */
  protected WebSocketAcceptor acceptor;

  /** Under test; set before each test. */
  protected BlockingWebSocket client;

  /** The dialer under test; called often. */
  protected abstract WebSocketDialer dialer();

  @BeforeEach
  void start() throws IOException {
    client = closeLater(new BlockingWebSocket(dialer()));
    resources.push(client::abort);
    acceptor =
        closeLater(
            new JavaWebSocketAcceptor(
                new ListenRequest(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, SOON),
                    null,
                    "culvert-blocking-test")));
    acceptor.start(this::onUpgrade);
  }

  private Upgrade onUpgrade(UpgradeRequest request) {
    if (request.target().equals("/echo")) {
      openEchoes.incrementAndGet();
      return new Upgrade.Accept(
          SUBPROTOCOL,
          new Echo() {
            @Override
            public void onClose(int code, String reason) {
              openEchoes.decrementAndGet();
            }
          });
    }
    RecordingListener listener = new RecordingListener();
    accepted.add(listener);
    return new Upgrade.Accept(SUBPROTOCOL, listener);
  }

  @AfterEach
  void closeResources() throws Exception {
    while (!resources.isEmpty()) {
      resources.pop().close();
    }
  }

  /** Closes it when the test is over, the latest first. */
  protected <T extends AutoCloseable> T closeLater(T resource) {
    resources.push(resource);
    return resource;
  }

  protected static DialRequest to(URI uri, Duration timeout) {
    return new DialRequest(
        uri, Map.of(), SUBPROTOCOL, timeout, null, Proxy.NO_PROXY, null, MAX_MESSAGE_BYTES);
  }

  protected static DialRequest to(InetSocketAddress address, String path) {
    return to(URI.create("ws://localhost:" + address.getPort() + path), SOON);
  }

  /** The other end of a connection. */
  protected record Peer(WebSocket webSocket, RecordingListener heard) {}

  /** Dials the acceptor. */
  protected Peer connect() throws IOException {
    client.dial(to(acceptor.address(), "/"));
    RecordingListener listener = accepted.remove();
    return new Peer(listener.opened(), listener);
  }

  protected void connectToEcho() throws IOException {
    client.dial(to(acceptor.address(), "/echo"));
  }

  /** Dials a peer that is played by hand. */
  protected RawPeer connectRaw() throws IOException {
    return closeLater(RawPeer.dialedBy(server -> client.dial(to(server, "/")), SUBPROTOCOL));
  }

  protected void assumePing() {
    Assumptions.assumeFalse(dialer().missing().contains(Feature.PING));
  }

  protected static WebSocketClosedException assertClosed(int code, Executable call) {
    WebSocketClosedException closed = assertThrows(WebSocketClosedException.class, call);
    assertEquals(code, closed.code());
    return closed;
  }

  protected static ByteBuffer bytes(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }

  /** A call on a thread of its own. */
  protected static final class Background {
    private final FutureTask<Void> task;
    private final Thread thread;

    Background(Executable call) {
      task =
          new FutureTask<>(
              () -> {
                try {
                  call.execute();
                } catch (Exception | Error e) {
                  throw e;
                } catch (Throwable e) {
                  throw new AssertionError(e);
                }
                return null;
              });
      thread = new Thread(task, "contract-background");
      thread.setDaemon(true);
      thread.start();
    }

    /** Waits until the call waits for something. */
    void awaitWaiting() {
      Await.until(
          "the call waits",
          () ->
              thread.getState() == Thread.State.TIMED_WAITING
                  || thread.getState() == Thread.State.WAITING);
    }

    boolean isRunning() {
      return !task.isDone();
    }

    void interrupt() {
      thread.interrupt();
    }

    /** Waits until it has returned; throws what it threw. */
    void await() throws Exception {
      task.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }
  }
}
