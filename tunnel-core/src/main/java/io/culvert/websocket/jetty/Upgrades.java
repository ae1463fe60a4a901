package io.culvert.websocket.jetty;

import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.UpgradeRequest;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.Configuration;
import org.eclipse.jetty.websocket.core.FrameHandler;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeRequest;
import org.eclipse.jetty.websocket.core.server.ServerUpgradeResponse;
import org.eclipse.jetty.websocket.core.server.WebSocketMappings;
import org.eclipse.jetty.websocket.core.server.WebSocketNegotiator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the upgrade requests of one acceptor, and knows its open WebSockets. Whose Jetty they
 * come from makes no difference here. Thread-safe.
 */
final class Upgrades implements JettyWebSocket.Owner {
  private static final Logger log = LoggerFactory.getLogger(Upgrades.class);

  private static final Upgrade.Refuse NO_UPGRADE =
      new Upgrade.Refuse(
          426,
          "expected a WebSocket upgrade (RFC 6455, version 13)",
          Map.of("Upgrade", "websocket", "Sec-WebSocket-Version", "13"));

  private final int maxMessageBytes;

  /** Checks the requests; its components are not used, so their threads are never started. */
  private final WebSocketMappings handshake =
      new WebSocketMappings(new WebSocketComponents(null, null, null, null, null, Runnable::run));

  // All below is guarded by this; waiters are notified when the last WebSocket has ended.
  private final Set<JettyWebSocket> open = new HashSet<>();

  /** Null before {@link #start} and after {@link #stop}. */
  private UpgradeHandler handler;

  private boolean closed;

  Upgrades(int maxMessageBytes) {
    this.maxMessageBytes = maxMessageBytes;
  }

  /** Begins to ask the handler; before, upgrades are answered with 503. */
  synchronized void start(UpgradeHandler handlerOfUpgrades) {
    handler = handlerOfUpgrades;
  }

  /** Upgrades are answered with 503 from here on; open WebSockets stay. */
  synchronized void stop() {
    handler = null;
  }

  /** Aborts every WebSocket, those too whose upgrade is just being answered. Idempotent. */
  void close() {
    List<JettyWebSocket> ending;
    synchronized (this) {
      handler = null;
      closed = true;
      ending = List.copyOf(open);
    }
    ending.forEach(JettyWebSocket::abort);
  }

  /** After {@link #close}: waits until the last WebSocket has ended. */
  synchronized void awaitEnd(Duration atMost) throws InterruptedException {
    long deadline = System.nanoTime() + atMost.toNanos();
    while (!open.isEmpty()) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return;
      }
      wait(left); // for ended()
    }
  }

  /** Answers the request, whatever it asks for. */
  void answer(Request request, Response response, Callback callback) {
    UpgradeHandler current;
    synchronized (this) {
      current = handler;
    }
    if (current == null) {
      Refusal.write(Refusal.NOT_ACCEPTING, response, callback);
      return;
    }
    WebSocketNegotiator negotiator = new Negotiator(current, schedulerOf(request));
    boolean overHttp1 = HttpVersion.HTTP_1_1.is(request.getConnectionMetaData().getProtocol());
    try {
      if (!overHttp1
          || !hasKey(request)
          || !handshake.upgrade(negotiator, request, response, callback, null)) {
        Refusal.write(NO_UPGRADE, response, callback);
      }
    } catch (HttpException.RuntimeException e) {
      log.debug("a malformed upgrade request", e);
      Refusal.write(
          new Upgrade.Refuse(e.getCode(), "malformed WebSocket upgrade"), response, callback);
    }
  }

  /** Jetty takes an empty one. */
  private static boolean hasKey(Request request) {
    String key = request.getHeaders().get(HttpHeader.SEC_WEBSOCKET_KEY);
    return key != null && !key.isBlank();
  }

  private static Scheduler schedulerOf(Request request) {
    return request.getConnectionMetaData().getConnector().getScheduler();
  }

  @Override
  public synchronized boolean opening(JettyWebSocket webSocket) {
    open.add(webSocket);
    return !closed;
  }

  @Override
  public void opened(JettyWebSocket webSocket) {}

  @Override
  public synchronized void ended(JettyWebSocket webSocket) {
    open.remove(webSocket);
    if (open.isEmpty()) {
      notifyAll(); // awaitEnd
    }
  }

  /** Asked once for a request that is an upgrade in due form. */
  private final class Negotiator implements WebSocketNegotiator {
    private final UpgradeHandler handler;
    private final Scheduler scheduler;

    Negotiator(UpgradeHandler handler, Scheduler scheduler) {
      this.handler = handler;
      this.scheduler = scheduler;
    }

    @Override
    public FrameHandler negotiate(
        ServerUpgradeRequest request, ServerUpgradeResponse response, Callback callback) {
      Upgrade decision;
      try {
        decision = decide(new AskedUpgrade(request));
      } catch (RuntimeException | Error e) {
        log.error("the upgrade handler failed", e);
        decision = new Upgrade.Refuse(500, "internal error");
      }
      if (decision instanceof Upgrade.Accept accept) {
        response.setExtensions(List.of());
        response.setAcceptedSubProtocol(accept.subprotocol());
        int limit = Math.min(maxMessageBytes, accept.maxMessageBytes());
        return new JettyWebSocket(accept.listener(), limit, scheduler, Upgrades.this);
      }
      Refusal.write((Upgrade.Refuse) decision, response, callback);
      return null;
    }

    private Upgrade decide(UpgradeRequest request) {
      Upgrade decision = handler.onUpgrade(request);
      if (decision instanceof Upgrade.Accept accept
          && accept.subprotocol() != null
          && !request.subprotocols().contains(accept.subprotocol())) {
        throw new IllegalStateException(
            "the handler chose subprotocol " + accept.subprotocol() + ", which was not offered");
      }
      if (decision == null) {
        throw new IllegalStateException("the upgrade handler answered null");
      }
      return decision;
    }

    @Override
    public void customize(Configuration session) {
      JettyWebSocket.configure(session);
    }
  }

  private record AskedUpgrade(ServerUpgradeRequest request) implements UpgradeRequest {

    @Override
    public String target() {
      return request.getHttpURI().getPathQuery();
    }

    @Override
    public String header(String name) {
      return request.getHeaders().get(name);
    }

    @Override
    public List<String> subprotocols() {
      return request.getSubProtocols();
    }

    @Override
    public SocketAddress remoteAddress() {
      return socket().getRemoteSocketAddress();
    }

    @Override
    public boolean secure() {
      return socket().isSecure();
    }

    private EndPoint socket() {
      return request.getConnectionMetaData().getConnection().getEndPoint();
    }
  }
}
