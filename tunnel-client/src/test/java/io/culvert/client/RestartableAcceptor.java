package io.culvert.client;

import io.culvert.testkit.Await;
import io.culvert.websocket.Feature;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Set;

/**
 * A listener that can be restarted at the same port below a server that goes on: every WebSocket
 * drops at the same instant. Thread-safe.
 */
final class RestartableAcceptor implements WebSocketAcceptor {
  private final ListenRequest request;

  // Guarded by this.
  private WebSocketAcceptor listening;
  private UpgradeHandler handler;
  private InetSocketAddress address;

  RestartableAcceptor(ListenRequest request) {
    this.request = request;
    this.listening = new JavaWebSocketAcceptor(request);
  }

  @Override
  public synchronized void start(UpgradeHandler upgrades) throws IOException {
    listening.start(upgrades);
    handler = upgrades;
    address = listening.address();
  }

  /** Drops every WebSocket; whoever dials finds nobody. */
  synchronized void cut() {
    listening.close();
  }

  /** Somebody who dials may have been given the port for an own one: until then it is not free. */
  void listenAgain() {
    Await.until("the port is free", this::startsAgain);
  }

  private synchronized boolean startsAgain() {
    WebSocketAcceptor next =
        new JavaWebSocketAcceptor(
            new ListenRequest(address, request.limits(), request.tls(), request.threadPrefix()));
    try {
      next.start(handler);
    } catch (IOException e) {
      return false;
    }
    listening = next;
    return true;
  }

  @Override
  public synchronized InetSocketAddress address() {
    return address;
  }

  @Override
  public synchronized Set<Feature> missing() {
    return listening.missing();
  }

  @Override
  public synchronized void stopListening() {
    listening.stopListening();
  }

  @Override
  public synchronized void close() {
    listening.close();
  }
}
