package io.culvert.testkit;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.okhttp.OkHttpDialer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;

/** OkHttp dials; the other end is of another library, as OkHttp accepts nothing. */
abstract class OkHttpFixture extends WebSocketFixture {
  private final WebSocketDialer dialer = new OkHttpDialer();

  @Override
  protected WebSocketDialer dialer() {
    return dialer;
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return new JavaWebSocketAcceptor(new ListenRequest(any, limits, tls, "culvert-test"));
  }
}
