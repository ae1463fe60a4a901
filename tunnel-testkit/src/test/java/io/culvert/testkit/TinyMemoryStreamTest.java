package io.culvert.testkit;

/** The same with buffers of two and three bytes, in the other direction. */
class TinyMemoryStreamTest extends StreamContract {
  @Override
  protected ConnectionPair connect() {
    return MemoryConnections.pair(MemoryConnections.Sizes.TINY).swapped();
  }

  @Override
  protected int streamLimit() {
    return MemoryConnections.Sizes.TINY.streams();
  }

  @Override
  protected int bulk() {
    return 3_000;
  }
}
