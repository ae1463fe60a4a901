package io.culvert.connection;

/** Whether a request that failed has reached the service. */
public enum Delivered {
  /**
   * It has not: no byte was handed to a socket, or the peer itself said that it did not take it.
   */
  NO,
  /** It has: at least one byte of the response has arrived. */
  YES,
  /** Nobody can tell: it was sent, and neither an answer nor a refusal has come. */
  UNKNOWN
}
