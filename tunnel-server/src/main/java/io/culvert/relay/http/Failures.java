package io.culvert.relay.http;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import org.eclipse.jetty.client.HttpResponseException;
import org.eclipse.jetty.http.HttpException;

/** Why an attempt to send a request to an agent has failed, in the terms of problems. */
final class Failures {
  /** What Jetty's parser says of a head that ends in its middle. */
  private static final String EARLY_END = "Early EOF";

  private Failures() {}

  /**
   * What the client is told.
   *
   * @param failure as Jetty's client reports it
   * @param request the attempt
   * @param answered whether the head of a response has come
   */
  static Problem of(Throwable failure, StreamRequest request, boolean answered) {
    StreamRequest.Began began = request.began();
    if (began == null) {
      return notSent(failure);
    }
    TunnelException broken = began.stream().failure();
    Delivered delivered = answered ? Delivered.YES : began.mark().delivered(began.stream(), broken);
    if (broken != null) {
      return Problems.codeOf(broken.code()).problem(delivered, broken.reason());
    }
    if (malformed(failure)) {
      return ProblemCode.UPSTREAM_BAD_RESPONSE.problem(
          delivered, "the agent's service answers with something that is not HTTP");
    }
    return ProblemCode.UPSTREAM_RESET.problem(
        delivered, "the service has ended the connection before its response was complete");
  }

  /** There was no stream for it. */
  private static Problem notSent(Throwable failure) {
    TunnelException told = find(failure, TunnelException.class);
    return told == null
        ? ProblemCode.RELAY_FAILED.problem(Delivered.NO, "the request could not be sent")
        : Problems.codeOf(told.code()).problem(Delivered.NO, told.reason());
  }

  private static boolean malformed(Throwable failure) {
    HttpException parsed = find(failure, HttpException.RuntimeException.class);
    boolean cut = parsed != null && EARLY_END.equals(parsed.getReason());
    return find(failure, HttpResponseException.class) != null && !cut;
  }

  private static <T extends Throwable> T find(Throwable failure, Class<T> type) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 16; depth++) {
      if (type.isInstance(cause)) {
        return type.cast(cause);
      }
      cause = cause.getCause();
    }
    return null;
  }
}
