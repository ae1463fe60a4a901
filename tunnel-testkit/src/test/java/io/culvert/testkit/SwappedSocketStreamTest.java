package io.culvert.testkit;

import io.culvert.engine.EngineConfig;

class SwappedSocketStreamTest extends StreamContract {
  @Override
  protected ConnectionPair connect() throws Exception {
    return SocketConnections.pair(EngineConfig.DEFAULT).swapped();
  }

  @Override
  protected int streamLimit() {
    return 1000;
  }

  @Override
  protected int bulk() {
    return 600_000;
  }
}
