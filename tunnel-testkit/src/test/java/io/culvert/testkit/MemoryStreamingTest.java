package io.culvert.testkit;

/** StreamingFidelity over a connection in memory. */
class MemoryStreamingTest extends StreamingFidelity {
  @Override
  protected HttpTunnel connect() {
    return new MemoryTunnel(MemoryConnections.pair());
  }
}
