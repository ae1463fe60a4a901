package io.culvert.client;

import io.culvert.testkit.HttpTunnel;
import io.culvert.testkit.StreamingFidelity;

class SocketUpStreamingTest extends StreamingFidelity {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SocketTunnel.up();
  }
}
