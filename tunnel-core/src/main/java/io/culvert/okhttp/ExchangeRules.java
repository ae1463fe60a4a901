package io.culvert.okhttp;

import io.culvert.connection.Delivered;
import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import java.util.UUID;
import okhttp3.Request;

/**
 * What a request must be like for a connection that carries one exchange at a time, each message
 * whole: swaggersocket.
 */
final class ExchangeRules {
  private static final String CORRELATION_ID = "X-Correlation-Id";

  private ExchangeRules() {}

  /**
   * The request with a correlation id, and without the wish to be answered before its body is sent.
   *
   * @throws TunnelException if it asks to leave HTTP, which this protocol cannot do
   */
  static Request applied(Request request) throws TunnelException {
    if (request.header("Upgrade") != null) {
      throw new TunnelException(
          ErrorCode.REFUSED,
          Delivered.NO,
          "swaggersocket carries HTTP requests and responses only, no upgrade to "
              + request.header("Upgrade"),
          null);
    }
    Request.Builder builder = request.newBuilder().removeHeader("Expect");
    if (request.header(CORRELATION_ID) == null) {
      builder.header(CORRELATION_ID, UUID.randomUUID().toString());
    }
    return builder.build();
  }
}
