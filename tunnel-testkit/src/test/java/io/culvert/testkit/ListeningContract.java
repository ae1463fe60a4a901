package io.culvert.testkit;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketAcceptorFactory;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;

/**
 * The contract with an acceptor that listens by itself: Java-WebSocket's, unless said otherwise.
 */
abstract class ListeningContract extends WebSocketNetworkContract {

  /** Makes the acceptors. */
  protected WebSocketAcceptorFactory library() {
    return JavaWebSocketAcceptor::new;
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    return library().acceptor(new ListenRequest(loopback(0), limits, tls, "culvert-test"));
  }

  @Override
  protected WebSocketAcceptor acceptorAt(int port) {
    WebSocketAcceptor.Limits limits = new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, DIAL_TIMEOUT);
    return library().acceptor(new ListenRequest(loopback(port), limits, null, "culvert-test"));
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
