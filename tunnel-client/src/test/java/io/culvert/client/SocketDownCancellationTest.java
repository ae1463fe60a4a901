package io.culvert.client;

import io.culvert.testkit.CancellationFidelity;
import io.culvert.testkit.HttpTunnel;

class SocketDownCancellationTest extends CancellationFidelity {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SocketTunnel.down();
  }
}
