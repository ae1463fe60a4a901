package io.culvert.testkit;

/** HTTP over a connection in memory. */
class MemoryHttpTest extends HttpFidelity {
  @Override
  protected HttpTunnel connect() {
    return new MemoryTunnel(MemoryConnections.pair());
  }
}
