package io.culvert.testkit;

/** The acceptor calls, the dialer serves. */
class SwaggerReversedHttpTest extends SwaggerHttpTest {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SwaggerTunnel.reversed();
  }
}
