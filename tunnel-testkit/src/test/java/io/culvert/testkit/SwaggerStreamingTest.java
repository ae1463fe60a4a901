package io.culvert.testkit;

/** Callers wait for each other, and each gets its own response. */
class SwaggerStreamingTest extends StreamingFidelity {
  @Override
  protected HttpTunnel connect() throws Exception {
    return SwaggerTunnel.open();
  }

  /** Not a test here: a request is one message, which goes out when it is complete. */
  @Override
  void eachChunkOfARequestArrivesBeforeTheNextIsWritten() {}

  /** Not a test here: there is one exchange at a time. */
  @Override
  void oneReaderThatStopsDoesNotHoldUpTheOthers() {}
}
