package io.culvert.testkit;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import io.culvert.websocket.jetty.JettyAcceptor;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;

/** Java-WebSocket dials Jetty. */
class JettyAcceptorContractTest extends WebSocketNetworkContract {

  @Override
  protected WebSocketDialer dialer() {
    return new JavaWebSocketDialer();
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    return new JettyAcceptor(new ListenRequest(loopback(0), limits, tls, "culvert-test"));
  }

  @Override
  protected WebSocketAcceptor acceptorAt(int port) {
    return new JettyAcceptor(
        new ListenRequest(
            loopback(port),
            new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, DIAL_TIMEOUT),
            null,
            "culvert-test"));
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }
}
