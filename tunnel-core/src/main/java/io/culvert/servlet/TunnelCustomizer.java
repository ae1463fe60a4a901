package io.culvert.servlet;

import io.culvert.connection.ExchangeStream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Request;

/**
 * Makes every request that comes through a tunnel say so, and counts it as running. A customizer,
 * because it sees each request before any handler and needs no place in the handler tree.
 */
final class TunnelCustomizer implements HttpConfiguration.Customizer {
  private static final String CORRELATION_ID = "X-Correlation-Id";

  @Override
  public Request customize(Request request, HttpFields.Mutable responseHeaders) {
    EndPoint endPoint = request.getConnectionMetaData().getConnection().getEndPoint();
    boolean tls = false;
    while (!(endPoint instanceof TunnelEndPoint) && endPoint instanceof EndPoint.Wrapper wrapper) {
      endPoint = wrapper.unwrap();
      tls = true;
    }
    if (!(endPoint instanceof TunnelEndPoint tunnel)) {
      return request;
    }
    TunnelRequest tunnelled = new TunnelRequest(request, tunnel, tls);
    tunnel.requests().started(tunnelled);
    Request.addCompletionListener(request, failure -> tunnel.requests().finished(tunnelled));
    if (tunnel.stream() instanceof ExchangeStream exchanges) {
      correlate(request, responseHeaders);
      Request.addCompletionListener(request, failure -> ended(exchanges, failure));
    }
    // From now on the end of the stream must be noticed even if the application reads nothing.
    tunnel.watchForEnd();
    return tunnelled;
  }

  /** The peer takes it for granted that its id comes back. */
  private static void correlate(Request request, HttpFields.Mutable responseHeaders) {
    String id = request.getHeaders().get(CORRELATION_ID);
    if (id != null) {
      responseHeaders.put(CORRELATION_ID, id);
    }
  }

  private static void ended(ExchangeStream exchanges, Throwable failure) {
    if (failure == null) {
      exchanges.endExchange();
    }
  }
}
