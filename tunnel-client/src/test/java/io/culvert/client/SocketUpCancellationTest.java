package io.culvert.client;

import io.culvert.testkit.CancellationFidelity;
import io.culvert.testkit.HttpTunnel;

class SocketUpCancellationTest extends CancellationFidelity {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SocketTunnel.up();
  }
}
