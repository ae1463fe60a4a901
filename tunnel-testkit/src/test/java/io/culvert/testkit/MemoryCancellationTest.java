package io.culvert.testkit;

/** CancellationFidelity over a connection in memory. */
class MemoryCancellationTest extends CancellationFidelity {
  @Override
  protected HttpTunnel connect() {
    return new MemoryTunnel(MemoryConnections.pair());
  }
}
