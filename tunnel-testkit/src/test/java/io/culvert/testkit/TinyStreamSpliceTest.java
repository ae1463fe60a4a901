package io.culvert.testkit;

/** The same with windows of two bytes and buffers of three. */
class TinyStreamSpliceTest extends StreamSpliceTest {
  @Override
  MemoryConnections.Sizes sizes() {
    return MemoryConnections.Sizes.TINY;
  }

  @Override
  int bulk() {
    return 3_000;
  }
}
