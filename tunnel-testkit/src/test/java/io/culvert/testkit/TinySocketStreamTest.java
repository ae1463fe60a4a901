package io.culvert.testkit;

import io.culvert.engine.EngineConfig;
import io.culvert.stream.StreamLimits;

class TinySocketStreamTest extends StreamContract {
  private static final EngineConfig TINY = tiny();

  private static EngineConfig tiny() {
    EngineConfig config = EngineConfig.DEFAULT;
    return new EngineConfig(
        new StreamLimits(16, 64, 128, 8, 3),
        1,
        config.transit(),
        config.heartbeatIdle(),
        config.heartbeatTimeout(),
        config.handshakeTimeout(),
        0,
        config.metadataLimit(),
        config.pingData());
  }

  @Override
  protected ConnectionPair connect() throws Exception {
    return SocketConnections.pair(TINY);
  }

  @Override
  protected int streamLimit() {
    return 3;
  }

  @Override
  protected int bulk() {
    return 3_000;
  }
}
