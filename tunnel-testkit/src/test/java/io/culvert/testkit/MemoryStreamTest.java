package io.culvert.testkit;

/** The streams in memory keep the contract that the suites above them rely on. */
class MemoryStreamTest extends StreamContract {
  @Override
  protected ConnectionPair connect() {
    return MemoryConnections.pair(new MemoryConnections.Sizes(64 << 10, 256 << 10, 16));
  }

  @Override
  protected int streamLimit() {
    return 16;
  }
}
