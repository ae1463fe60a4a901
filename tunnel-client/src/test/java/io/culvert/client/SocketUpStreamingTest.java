package io.culvert.client;

import io.culvert.testkit.HttpTunnel;
import io.culvert.testkit.StreamingFidelity;

class SocketUpStreamingTest extends StreamingFidelity {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SocketTunnel.up();
  }

  /** Nearly the whole heap that these tests run with, so no side can hold a body. */
  @Override
  protected long largeBody() {
    return 200L << 20;
  }

  @Override
  protected int requests() {
    return 20_000;
  }
}
