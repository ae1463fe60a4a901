package io.culvert.testkit.teeth;

import io.culvert.testkit.WebSocketNetworkContract;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import javax.net.ssl.SSLContext;

/** The contract over a real adapter with a {@link Break}. */
class BrokenAdapter extends WebSocketNetworkContract implements Breakable {
  private Break broken;

  @Override
  public void setBroken(Break given) {
    broken = given;
  }

  @Override
  protected WebSocketDialer dialer() {
    return new BrokenDialer(broken, new JavaWebSocketDialer());
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    return acceptor(0, limits, tls);
  }

  @Override
  protected WebSocketAcceptor acceptorAt(int port) {
    return acceptor(port, new WebSocketAcceptor.Limits(MAX_MESSAGE_BYTES, DIAL_TIMEOUT), null);
  }

  private WebSocketAcceptor acceptor(int port, WebSocketAcceptor.Limits limits, SSLContext tls) {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    ListenRequest request =
        new ListenRequest(address, broken.limits(limits), tls, "culvert-teeth-acceptor");
    return broken.acceptor(new BrokenAcceptor(broken, new JavaWebSocketAcceptor(request)));
  }
}
