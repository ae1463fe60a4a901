package io.culvert.testkit;

import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketDialer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

class MemoryWebSocketContractTest extends WebSocketContract {
  private final ExecutorService executor = Executors.newFixedThreadPool(4);
  private final MemoryWebSockets network = MemoryWebSockets.on(executor);

  MemoryWebSocketContractTest() {
    // Closed last, after what still runs on it.
    closeLater(executor::shutdown);
  }

  @Override
  protected WebSocketDialer dialer() {
    return network.dialer();
  }

  @Override
  protected WebSocketAcceptor acceptor(WebSocketAcceptor.Limits limits, SSLContext tls) {
    return network.acceptor(limits);
  }
}
