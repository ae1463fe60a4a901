package io.culvert.testkit;

/** WebSocketFidelity over a connection in memory. */
class MemoryWebSocketTest extends WebSocketFidelity {
  @Override
  protected HttpTunnel connect() {
    return new MemoryTunnel(MemoryConnections.pair());
  }
}
