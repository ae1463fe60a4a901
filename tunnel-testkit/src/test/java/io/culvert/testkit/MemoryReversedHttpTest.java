package io.culvert.testkit;

/** HTTP from the acceptor to the dialer, with buffers that nothing fits into at once. */
class MemoryReversedHttpTest extends HttpFidelity {
  @Override
  protected HttpTunnel connect() {
    return MemoryTunnel.reversed(
        MemoryConnections.pair(new MemoryConnections.Sizes(1000, 700, 64)));
  }
}
