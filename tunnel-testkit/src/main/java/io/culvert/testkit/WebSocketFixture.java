package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
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
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** What the contract suites of the WebSocket port share: the two ends under test, and helpers. */
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
    WebSocketAcceptor acceptor =
        closeLater(acceptor(new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, DIAL_TIMEOUT), tls));
    acceptor.start(handler);
    return acceptor;
  }

  protected static DialRequest request(InetSocketAddress address) {
    return request(URI.create("ws://localhost:" + address.getPort() + "/tunnel"), SUBPROTOCOL);
  }

  protected static DialRequest request(URI uri, String subprotocol) {
    return new DialRequest(
        uri, Map.of(), subprotocol, DIAL_TIMEOUT, null, Proxy.NO_PROXY, null, MAX_MESSAGE_BYTES);
  }

  protected WebSocket dial(InetSocketAddress address) throws IOException {
    return dialer().dial(request(address), dialed);
  }

  protected Upgrade accept() {
    return new Upgrade.Accept(SUBPROTOCOL, accepted);
  }

  /** Both ends of one new WebSocket. */
  protected record Ends(WebSocket dialer, WebSocket acceptor) {}

  protected Ends connect() throws IOException {
    WebSocket dialerEnd = dial(start(upgrade -> accept()).address());
    assertEquals(dialerEnd, dialed.opened());
    return new Ends(dialerEnd, accepted.opened());
  }

  protected static ByteBuffer bytes(int length, int seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return ByteBuffer.wrap(bytes);
  }
}
