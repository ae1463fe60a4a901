package io.culvert.client;

import io.culvert.testkit.HttpTunnel;
import io.culvert.testkit.WebSocketFidelity;

class SocketUpWebSocketTest extends WebSocketFidelity {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SocketTunnel.up();
  }
}
