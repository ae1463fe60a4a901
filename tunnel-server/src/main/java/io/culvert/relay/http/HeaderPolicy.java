package io.culvert.relay.http;

import io.culvert.relay.route.Routed;
import java.util.Optional;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.server.Request;

/** What the relay changes in a request's and a response's head, and which heads it refuses. */
public interface HeaderPolicy {

  /** Why this request must not go on, whoever it is for; empty if it may. */
  Optional<Problem> refuse(Request request);

  /**
   * The fields that go to the agent: without those of one hop, with {@code Forwarded}, {@code
   * X-Forwarded-*} and {@code Via}, and with the Host that is to be sent, and without an {@code
   * Authorization} that was for the relay ({@link Routed#authorizationConsumed}). Body framing is
   * left to the HTTP client; {@code Upgrade} and {@code Connection} of an upgrade are the caller's
   * affair.
   *
   * @param host what to send as Host
   */
  HttpFields.Mutable toAgent(Request request, String host);

  /** The fields of a response that go to the client: without those of one hop. */
  HttpFields.Mutable toClient(HttpFields fromAgent);

  /**
   * The trailers, of a request or of a response, that go on: without those that frame or route a
   * message, which cannot come after it.
   */
  default HttpFields.Mutable trailers(HttpFields trailers) {
    return HopByHop.trailers(trailers);
  }
}
