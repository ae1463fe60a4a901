package io.culvert.relay.http;

/** Is told about every request that came to a name, when it is over. */
@FunctionalInterface
public interface RequestListener {

  /**
   * Exactly once for each request, when the last byte of its answer was handed to the client's
   * socket or the request has failed; an upgraded one when its bytes have ended in both directions.
   * On any thread; must not block.
   */
  void onRequest(RequestRecord request);
}
