package io.culvert.testkit;

import io.culvert.websocket.WebSocketAcceptorFactory;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.jetty.JettyAcceptor;
import io.culvert.websocket.jetty.JettyDialer;

/** Jetty at both ends. */
class JettyContractTest extends ListeningContract {

  @Override
  protected WebSocketDialer dialer() {
    return new JettyDialer();
  }

  @Override
  protected WebSocketAcceptorFactory library() {
    return JettyAcceptor::new;
  }
}
