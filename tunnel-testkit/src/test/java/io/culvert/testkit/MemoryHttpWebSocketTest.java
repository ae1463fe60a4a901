package io.culvert.testkit;

/** WebSocketFidelity over a connection in memory. */
class MemoryHttpWebSocketTest extends WebSocketFidelity {
  @Override
  protected HttpTunnel connect() {
    return new MemoryTunnel(MemoryConnections.pair());
  }
}
