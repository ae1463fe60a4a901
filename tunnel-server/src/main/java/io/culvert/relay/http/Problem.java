package io.culvert.relay.http;

import io.culvert.connection.Delivered;

/**
 * Why a request failed, as {@code application/problem+json} tells it (RFC 9457).
 *
 * @param code names the page section in docs/errors.md, such as {@code upstream-refused}
 * @param status the HTTP status of the answer
 * @param hop who failed
 * @param delivered whether the request reached the service
 * @param title one line, the same for every problem with this code
 * @param detail what happened this time and what to do; holds no secret; may be empty
 */
public record Problem(
    String code, int status, Hop hop, Delivered delivered, String title, String detail) {

  /** The parts of the way, in the order in which a request passes them. */
  public enum Hop {
    RELAY,
    TUNNEL,
    AGENT,
    UPSTREAM
  }
}
