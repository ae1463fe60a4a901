package io.culvert.testkit;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.UpgradeRequest;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network of WebSockets in memory, which obeys the port's contract. It has two modes:
 *
 * <ul>
 *   <li>{@link #on}: callbacks and messages run by themselves on an executor;
 *   <li>{@link #manual}: nothing happens but what the test does step by step with {@link
 *       MemoryWebSocket#deliver} and {@link MemoryWebSocket#complete}.
 * </ul>
 *
 * <p>Thread-safe. It has no threads, no sockets and no TLS, and keeps no time: a close handshake
 * that is never answered stays open.
 */
public final class MemoryWebSockets {
  private final Executor executor;
  private final Map<Integer, Acceptor> acceptors = new ConcurrentHashMap<>();
  private final AtomicInteger ports = new AtomicInteger(1);

  private MemoryWebSockets(Executor executor) {
    this.executor = executor;
  }

  /** Callbacks run on this executor, one at a time for each end. */
  public static MemoryWebSockets on(Executor executor) {
    return new MemoryWebSockets(Objects.requireNonNull(executor, "executor"));
  }

  /** Callbacks run when the test asks for them, on its thread; completions are held. */
  public static MemoryWebSockets manual() {
    return new MemoryWebSockets(null);
  }

  /** Both ends of one WebSocket. */
  public record Pair(MemoryWebSocket dialer, MemoryWebSocket acceptor) {}

  /** Connects two listeners, whose {@code onOpen} has run when this returns. */
  public Pair pair(WebSocketListener dialer, WebSocketListener acceptor) {
    return pair(dialer, Integer.MAX_VALUE, acceptor, Integer.MAX_VALUE, null, nextAddress());
  }

  private Pair pair(
      WebSocketListener dialerListener,
      int dialerMax,
      WebSocketListener acceptorListener,
      int acceptorMax,
      String subprotocol,
      InetSocketAddress acceptorAddress) {
    Object lock = new Object();
    InetSocketAddress dialerAddress = nextAddress();
    MemoryWebSocket dialer =
        new MemoryWebSocket(
            lock, executor, dialerListener, dialerMax, subprotocol, dialerAddress, acceptorAddress);
    MemoryWebSocket acceptor =
        new MemoryWebSocket(
            lock,
            executor,
            acceptorListener,
            acceptorMax,
            subprotocol,
            acceptorAddress,
            dialerAddress);
    MemoryWebSocket.join(dialer, acceptor);
    return new Pair(dialer, acceptor);
  }

  private InetSocketAddress nextAddress() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.getAndIncrement());
  }

  /** Dials the acceptors of this network, found by port alone. */
  public WebSocketDialer dialer() {
    return this::dial;
  }

  /** A new acceptor of this network; its port is free in this network only. */
  public WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits) {
    return new Acceptor(limits);
  }

  private WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException {
    if (request.secure()) {
      throw new IOException("the in-memory network has no TLS");
    }
    Acceptor acceptor = acceptors.get(request.uri().getPort());
    if (acceptor == null) {
      throw new ConnectException("nobody listens on port " + request.uri().getPort());
    }
    Request upgrade = new Request(request, nextAddress());
    Upgrade decision = decide(acceptor, upgrade);
    if (decision instanceof Upgrade.Refuse refusal) {
      throw new UpgradeException(
          refusal.status(), "expected 101, but the acceptor answered " + refusal.status());
    }
    Upgrade.Accept accept = (Upgrade.Accept) decision;
    if (!Objects.equals(accept.subprotocol(), request.subprotocol())) {
      throw new UpgradeException(101, "the acceptor chose no subprotocol");
    }
    Pair pair =
        pair(
            listener,
            request.maxMessageBytes(),
            accept.listener(),
            Math.min(acceptor.limits.maxMessageBytes(), accept.maxMessageBytes()),
            accept.subprotocol(),
            acceptor.address());
    acceptor.opened(pair.acceptor());
    return pair.dialer();
  }

  private static Upgrade decide(Acceptor acceptor, Request upgrade) {
    try {
      Upgrade decision = acceptor.handler.onUpgrade(upgrade);
      if (decision instanceof Upgrade.Accept accept
          && accept.subprotocol() != null
          && !upgrade.subprotocols().contains(accept.subprotocol())) {
        return new Upgrade.Refuse(500, "the handler chose what was not offered");
      }
      return Objects.requireNonNull(decision);
    } catch (RuntimeException e) {
      return new Upgrade.Refuse(500, "the handler failed");
    }
  }

  private record Request(DialRequest request, SocketAddress remoteAddress)
      implements UpgradeRequest {

    @Override
    public String target() {
      String path = request.uri().getRawPath().isEmpty() ? "/" : request.uri().getRawPath();
      String query = request.uri().getRawQuery();
      return query == null ? path : path + "?" + query;
    }

    @Override
    public String header(String name) {
      Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
      headers.putAll(request.headers());
      return headers.get(name);
    }

    @Override
    public List<String> subprotocols() {
      return request.subprotocol() == null ? List.of() : List.of(request.subprotocol());
    }

    @Override
    public boolean secure() {
      return false;
    }
  }

  private final class Acceptor implements WebSocketAcceptor {
    private final Limits limits;
    private final List<MemoryWebSocket> webSockets = new ArrayList<>();
    private volatile UpgradeHandler handler;
    private volatile InetSocketAddress address;

    Acceptor(Limits limits) {
      this.limits = limits;
    }

    @Override
    public synchronized void start(UpgradeHandler wanted) {
      if (handler != null) {
        throw new IllegalStateException("an acceptor is started once");
      }
      handler = Objects.requireNonNull(wanted, "handler");
      address = nextAddress();
      acceptors.put(address.getPort(), this);
    }

    @Override
    public InetSocketAddress address() {
      if (address == null) {
        throw new IllegalStateException("the acceptor was not started");
      }
      return address;
    }

    synchronized void opened(MemoryWebSocket webSocket) {
      webSockets.add(webSocket);
    }

    @Override
    public void stopListening() {
      if (address != null) {
        acceptors.remove(address.getPort(), this);
      }
    }

    @Override
    public void close() {
      stopListening();
      List<MemoryWebSocket> open;
      synchronized (this) {
        open = List.copyOf(webSockets);
        webSockets.clear();
      }
      open.forEach(MemoryWebSocket::abort);
    }
  }
}
