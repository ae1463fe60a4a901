package io.culvert.client;

import io.culvert.testkit.HttpTunnel;
import io.culvert.testkit.WebSocketFidelity;

class SocketDownWebSocketTest extends WebSocketFidelity {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SocketTunnel.down();
  }
}
