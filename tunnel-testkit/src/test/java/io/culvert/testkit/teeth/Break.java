package io.culvert.testkit.teeth;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.UpgradeRequest;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

/**
 * The places where an adapter can be broken, for one run of a test. Passes everything on; what
 * breaks a rule overrides a method, or replaces {@link Between} or the wire. Thread-safe.
 */
class Break {
  private final ConcurrentLinkedDeque<AutoCloseable> resources = new ConcurrentLinkedDeque<>();

  /** Whose ends of WebSockets are broken. */
  enum Side {
    DIALER,
    ACCEPTOR
  }

  /** What stands between a new WebSocket and its owner. */
  Between between(Side side) {
    return new Between();
  }

  WebSocket dial(WebSocketDialer adapter, DialRequest request, WebSocketListener listener)
      throws IOException {
    return adapter.dial(request, listener);
  }

  Upgrade upgrade(UpgradeHandler handler, UpgradeRequest request) {
    return handler.onUpgrade(request);
  }

  WebSocketAcceptor acceptor(WebSocketAcceptor adapter) {
    return adapter;
  }

  WebSocketAcceptor.Limits limits(WebSocketAcceptor.Limits limits) {
    return limits;
  }

  /** What the dialer says that it lacks. */
  Set<Feature> missing(Set<Feature> missing) {
    return missing;
  }

  /** What stands between this side's adapter and its socket; null leaves the socket alone. */
  Wire wire(Side side) {
    return null;
  }

  /** Breaks every WebSocket at both ends. */
  static Break ends(Supplier<Between> broken) {
    return new Break() {
      @Override
      Between between(Side side) {
        return broken.get();
      }
    };
  }

  /** Breaks what both adapters read and write. */
  static Break wires(Wire wire) {
    return new Break() {
      @Override
      Wire wire(Side side) {
        return wire;
      }
    };
  }

  /** Breaks the dial. */
  static Break dials(Dial dial) {
    return new Break() {
      @Override
      WebSocket dial(WebSocketDialer adapter, DialRequest request, WebSocketListener listener)
          throws IOException {
        return dial.dial(adapter, request, listener);
      }
    };
  }

  @FunctionalInterface
  interface Dial {
    WebSocket dial(WebSocketDialer adapter, DialRequest request, WebSocketListener listener)
        throws IOException;
  }

  /** Breaks what the acceptor makes of the handler's answer. */
  static Break upgrades(Answer answer) {
    return new Break() {
      @Override
      Upgrade upgrade(UpgradeHandler handler, UpgradeRequest request) {
        return answer.upgrade(handler, request);
      }
    };
  }

  @FunctionalInterface
  interface Answer {
    Upgrade upgrade(UpgradeHandler handler, UpgradeRequest request);
  }

  /** Closes it when the run is over. */
  final <T extends AutoCloseable> T closeLater(T resource) {
    resources.push(resource);
    return resource;
  }

  final void over() throws Exception {
    while (!resources.isEmpty()) {
      resources.pop().close();
    }
  }
}
