package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * What the contract suites of the WebSocket port share: the two ends under test, and helpers. To
 * test an adapter extend {@link WebSocketNetworkContract}.
 */
@Timeout(120) // a hang guard
public abstract class WebSocketFixture {
  protected static final String SUBPROTOCOL = "culvert.v1";
  protected static final int MAX_MESSAGE_BYTES = 256 * 1024;
  protected static final Duration DIAL_TIMEOUT = RecordingListener.HANG_GUARD;

  /** What the acceptor's side of the latest WebSocket heard. */
  protected final RecordingListener accepted = new RecordingListener();

  /** What the dialer's side heard. */
  protected final RecordingListener dialed = new RecordingListener();

  private final List<AutoCloseable> resources = Collections.synchronizedList(new ArrayList<>());

  /** The dialer under test. */
  protected abstract WebSocketDialer dialer();

  /**
   * A new acceptor on an ephemeral port of loopback, not started.
   *
   * @param tls null for {@code ws}
   */
  protected abstract WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls);

  /**
   * Whether the acceptor is a hosted one (see {@link
   * io.culvert.websocket.WebSocketAcceptorFactory#hosted}). What is then the affair of the server
   * that hosts it is not asserted.
   */
  protected boolean hosted() {
    return false;
  }

  /** Whether the dialer's library lacks this. */
  protected boolean dialerLacks(Feature feature) {
    return dialer().missing().contains(feature);
  }

  /** Whether the acceptor's library lacks this. */
  protected boolean acceptorLacks(Feature feature) {
    return acceptor(new WebSocketAcceptor.Limits(1, DIAL_TIMEOUT), null)
        .missing()
        .contains(feature);
  }

  @AfterEach
  void closeResources() throws Exception {
    for (int i = resources.size() - 1; i >= 0; i--) {
      resources.get(i).close();
    }
  }

  /** Closes it when the test is over, the latest first. */
  protected <T extends AutoCloseable> T closeLater(T resource) {
    resources.add(resource);
    return resource;
  }

  protected WebSocketAcceptor start(UpgradeHandler handler) throws IOException {
    return start(handler, null);
  }

  protected WebSocketAcceptor start(UpgradeHandler handler, SSLContext tls) throws IOException {
    return start(handler, tls, MAX_MESSAGE_BYTES);
  }

  protected WebSocketAcceptor start(UpgradeHandler handler, SSLContext tls, int maxMessageBytes)
      throws IOException {
    WebSocketAcceptor acceptor =
        closeLater(acceptor(new WebSocketAcceptor.Limits(maxMessageBytes, DIAL_TIMEOUT), tls));
    acceptor.start(handler);
    return acceptor;
  }

  protected static DialRequest request(InetSocketAddress address) {
    return request(URI.create("ws://localhost:" + address.getPort() + "/tunnel"), SUBPROTOCOL);
  }

  protected static DialRequest request(URI uri, String subprotocol) {
    return request(uri, subprotocol, MAX_MESSAGE_BYTES);
  }

  protected static DialRequest request(URI uri, String subprotocol, int maxMessageBytes) {
    return new DialRequest(
        uri, Map.of(), subprotocol, DIAL_TIMEOUT, null, Proxy.NO_PROXY, null, maxMessageBytes);
  }

  protected WebSocket dial(InetSocketAddress address) throws IOException {
    return dialer().dial(request(address), dialed);
  }

  protected Upgrade accept() {
    return new Upgrade.Accept(SUBPROTOCOL, accepted);
  }

  /** Both ends of one new WebSocket. */
  protected record Ends(WebSocket dialer, WebSocket acceptor) {
    WebSocket of(End end) {
      return end == End.DIALER ? dialer : acceptor;
    }
  }

  protected Ends connect() throws IOException {
    return connect(start(upgrade -> accept()));
  }

  /** Both ends of a new WebSocket to an acceptor whose handler gives {@link #accept}. */
  protected Ends connect(WebSocketAcceptor acceptor) throws IOException {
    WebSocket dialerEnd = dial(acceptor.address());
    assertEquals(dialerEnd, dialed.opened());
    return new Ends(dialerEnd, accepted.opened());
  }

  /** Both ends of a new WebSocket that takes larger or smaller messages. */
  protected Ends connectWithLimit(int maxMessageBytes) throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept(), null, maxMessageBytes);
    URI uri = URI.create("ws://localhost:" + acceptor.address().getPort());
    WebSocket dialerEnd = dialer().dial(request(uri, SUBPROTOCOL, maxMessageBytes), dialed);
    dialed.opened();
    return new Ends(dialerEnd, accepted.opened());
  }

  /** Who opened the WebSocket, and who took it. */
  protected enum End {
    DIALER,
    ACCEPTOR;

    End peer() {
      return this == DIALER ? ACCEPTOR : DIALER;
    }
  }

  /** What an end of {@link #connect} hears. */
  protected RecordingListener heardBy(End end) {
    return end == End.DIALER ? dialed : accepted;
  }

  protected boolean lacks(End end, Feature feature) {
    return end == End.DIALER ? dialerLacks(feature) : acceptorLacks(feature);
  }

  /** Opens a WebSocket whose owners hear through these listeners. */
  @FunctionalInterface
  protected interface Connecting {
    Ends connect(WebSocketListener atDialer, WebSocketListener atAcceptor) throws IOException;
  }

  /** Both {@code onOpen} have returned when this does. */
  protected Ends connect(WebSocketListener atDialer, WebSocketListener atAcceptor)
      throws IOException {
    CompletableFuture<WebSocket> opened = new CompletableFuture<>();
    WebSocketAcceptor acceptor =
        start(upgrade -> new Upgrade.Accept(SUBPROTOCOL, opening(atAcceptor, opened)));
    WebSocket dialerEnd = dialer().dial(request(acceptor.address()), atDialer);
    return new Ends(dialerEnd, opened.orTimeout(DIAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS).join());
  }

  /** The same; the other end has the listener of {@link #heardBy}. */
  protected Ends connect(End end, WebSocketListener listener) throws IOException {
    RecordingListener peer = heardBy(end.peer());
    Ends ends = end == End.DIALER ? connect(listener, peer) : connect(peer, listener);
    peer.opened();
    return ends;
  }

  /** The listener, which also tells what was opened once it knows. */
  protected static WebSocketListener opening(
      WebSocketListener listener, CompletableFuture<WebSocket> opened) {
    return new WebSocketListener() {
      @Override
      public void onOpen(WebSocket webSocket) {
        try {
          listener.onOpen(webSocket);
        } finally {
          opened.complete(webSocket);
        }
      }

      @Override
      public void onBinary(ByteBuffer message) {
        listener.onBinary(message);
      }

      @Override
      public void onText(ByteBuffer message) {
        listener.onText(message);
      }

      @Override
      public void onPong(ByteBuffer data) {
        listener.onPong(data);
      }

      @Override
      public void onClose(int code, String reason) {
        listener.onClose(code, reason);
      }
    };
  }

  /** Work of a test on a thread of its own. */
  @FunctionalInterface
  protected interface Work {
    void run() throws Exception;
  }

  /** Starts threads together and waits for all of them; the first failure is thrown. */
  protected static void together(List<Work> works) throws Exception {
    CyclicBarrier start = new CyclicBarrier(works.size());
    List<FutureTask<Void>> tasks = new ArrayList<>();
    for (Work work : works) {
      FutureTask<Void> task =
          new FutureTask<>(
              () -> {
                start.await();
                work.run();
                return null;
              });
      tasks.add(task);
      Thread thread = new Thread(task, "contract-together-" + tasks.size());
      thread.setDaemon(true);
      thread.start();
    }
    for (FutureTask<Void> task : tasks) {
      task.get(2 * DIAL_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  protected static ByteBuffer bytes(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }
}
