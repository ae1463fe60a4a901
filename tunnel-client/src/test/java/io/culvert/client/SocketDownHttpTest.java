package io.culvert.client;

import io.culvert.testkit.HttpFidelity;
import io.culvert.testkit.HttpTunnel;

class SocketDownHttpTest extends HttpFidelity {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SocketTunnel.down();
  }
}
