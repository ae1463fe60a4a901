package io.culvert.relay.http;

import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.jetty.StreamEndPoint;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.Destination;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpClientTransport;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.client.transport.HttpExchange;
import org.eclipse.jetty.client.transport.SendFailure;
import org.eclipse.jetty.client.transport.internal.HttpConnectionOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.client.HTTP2Client;
import org.eclipse.jetty.http2.client.transport.HttpClientTransportOverHTTP2;
import org.eclipse.jetty.http2.client.transport.internal.HttpConnectionOverHTTP2;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.thread.Invocable.InvocationType;

/**
 * Makes Jetty's clients for exchanges on the streams of agents. They send what they are given: no
 * cookies, no redirects, no decoding, no fields of their own. A stream that the agent has ended is
 * not used again. Each exchange knows where in its stream it begins ({@link StreamRequest#began}).
 */
final class StreamClients {
  /** More than an agent takes, which then says so: a limit here would make requests wait. */
  private static final int MAX_STREAMS = 1 << 16;

  /** Fields of a request and of a response, each together; what servers take is less. */
  private static final int MAX_HEAD_BYTES = 64 << 10;

  /** How long the pool of an agent is kept that has no stream any more. */
  private static final long POOL_IDLE_MILLIS = 10_000;

  private StreamClients() {}

  /** Speaks HTTP/1.1. */
  static HttpClient http1(Executor executor) {
    Http1 transport = new Http1();
    transport.setInvocationType(InvocationType.NON_BLOCKING);
    return configure(new PlainClient(transport), executor);
  }

  /** Speaks HTTP/2 with prior knowledge: all exchanges of an agent on one stream. */
  static HttpClient h2c(Executor executor) {
    HTTP2Client http2 = new HTTP2Client();
    http2.setMaxResponseHeadersSize(MAX_HEAD_BYTES);
    Http2 transport = new Http2(http2);
    transport.setInvocationType(InvocationType.NON_BLOCKING);
    return configure(new PlainClient(transport), executor);
  }

  private static HttpClient configure(HttpClient client, Executor executor) {
    client.setExecutor(executor);
    client.setName("culvert-relay-client");
    client.setFollowRedirects(false);
    client.setHttpCookieStore(new HttpCookieStore.Empty());
    client.setUserAgentField(null);
    client.setDefaultRequestContentType(null);
    client.setMaxConnectionsPerDestination(MAX_STREAMS);
    client.setMaxRequestsQueuedPerDestination(MAX_STREAMS);
    client.setMaxRequestHeadersSize(MAX_HEAD_BYTES);
    client.setMaxResponseHeadersSize(MAX_HEAD_BYTES);
    client.setIdleTimeout(0);
    client.setDestinationIdleTimeout(POOL_IDLE_MILLIS);
    return client;
  }

  /** Adds nothing to a request and does nothing by itself with a response. */
  @SuppressWarnings("try") // close() is Jetty's, and stop() is what ends it
  private static final class PlainClient extends HttpClient {
    PlainClient(HttpClientTransport transport) {
      super(transport);
    }

    @Override
    protected void doStart() throws Exception {
      super.doStart();
      getContentDecoderFactories().clear();
      InterimHandlers.install(this);
    }
  }

  /** The pool of an agent: the same, whatever Host its requests have. */
  private static Origin origin(Request request, String protocol) {
    return new Origin(
        "http",
        new Origin.Address("agent", 80),
        null,
        new Origin.Protocol(List.of(protocol), false),
        request.getTransport());
  }

  /** Whether a stream that was used before is at its end: an exchange on it could only fail. */
  private static boolean stale(TunnelStream stream) {
    return stream.bytesReceived() > 0
        && (stream.finReceived() || stream.inputEnded() || stream.outputEnded());
  }

  private static SendFailure takeAnother() {
    return new SendFailure(new ClosedChannelException(), true);
  }

  private static final class Http1 extends HttpClientTransportOverHTTP {
    @Override
    public Origin newOrigin(Request request) {
      return origin(request, "http/1.1");
    }

    @Override
    public org.eclipse.jetty.io.Connection newConnection(
        EndPoint endPoint, Map<String, Object> context) {
      return new Http1Connection((StreamEndPoint) endPoint, context);
    }
  }

  /** A stream with one exchange after another. */
  private static final class Http1Connection extends HttpConnectionOverHTTP {
    private final TunnelStream stream;

    /** No exchange runs, or the one that ran is over. */
    private volatile boolean inOrder;

    Http1Connection(StreamEndPoint endPoint, Map<String, Object> context) {
      super(endPoint, context);
      stream = endPoint.stream();
    }

    @Override
    public SendFailure send(HttpExchange exchange) {
      if (stale(stream)) {
        close();
        return takeAnother();
      }
      ((StreamRequest) exchange.getRequest()).begin(stream, true);
      return super.send(exchange);
    }

    @Override
    public void close() {
      inOrder = true;
      super.close();
    }

    /** An exchange that was given up is cut: its end must not look like one in order. */
    @Override
    protected void close(Throwable failure) {
      if (!inOrder && !(failure instanceof TimeoutException)) {
        stream.reset(ErrorCode.CANCELLED);
      }
      super.close(failure);
    }
  }

  private static final class Http2 extends HttpClientTransportOverHTTP2 {
    Http2(HTTP2Client client) {
      super(client);
    }

    @Override
    public Origin newOrigin(Request request) {
      return origin(request, "h2c");
    }

    @Override
    protected org.eclipse.jetty.client.Connection newConnection(
        Destination destination, Session session, HTTP2Connection connection) {
      return new Http2Connection(destination, session, connection);
    }
  }

  /** A stream with all exchanges of an agent. */
  private static final class Http2Connection extends HttpConnectionOverHTTP2 {
    private final TunnelStream stream;

    Http2Connection(Destination destination, Session session, HTTP2Connection connection) {
      super(destination, session, connection);
      stream = ((StreamEndPoint) connection.getEndPoint()).stream();
    }

    @Override
    public SendFailure send(HttpExchange exchange) {
      if (stale(stream)) {
        close();
        return takeAnother();
      }
      ((StreamRequest) exchange.getRequest()).begin(stream, false);
      return super.send(exchange);
    }
  }
}
