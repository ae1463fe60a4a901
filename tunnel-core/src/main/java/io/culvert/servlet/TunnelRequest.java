package io.culvert.servlet;

import io.culvert.connection.StreamConnection;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.HttpChannel;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Attributes;

/** A request with what the stream and its connection say about it. */
final class TunnelRequest extends Request.AttributesWrapper {
  private final TunnelEndPoint endPoint;
  private final HttpChannel channel;
  private final HttpURI uri;
  private final boolean secure;
  private final AtomicBoolean told = new AtomicBoolean();

  /** Whether the application has read the body to its end, or there is none. */
  private volatile boolean bodyRead;

  TunnelRequest(Request request, TunnelEndPoint endPoint, boolean tls) {
    super(request, attributes(request, endPoint.stream().connection()));
    this.endPoint = endPoint;
    channel = HttpChannel.from(request);
    boolean https = tls || "https".equals(endPoint.stream().attributes().get("scheme"));
    secure = https || endPoint.stream().connection().secure();
    // What the opener of the stream said counts, not what an absolute request target claims.
    HttpScheme scheme = https ? HttpScheme.HTTPS : HttpScheme.HTTP;
    uri = HttpURI.build(request.getHttpURI()).scheme(scheme).asImmutable();
    bodyRead = hasNoBody(request.getHeaders());
  }

  private static Attributes attributes(Request request, StreamConnection connection) {
    return new Attributes.Synthetic(request) {
      private final Map<String, Object> values =
          Map.of(
              TunnelConnector.CONNECTION_ID,
              connection.id(),
              TunnelConnector.VIA_TUNNEL,
              true,
              TunnelConnector.METADATA,
              connection.metadata());

      @Override
      protected Object getSyntheticAttribute(String name) {
        return values.get(name);
      }

      @Override
      protected Set<String> getSyntheticNameSet() {
        return values.keySet();
      }
    };
  }

  private static boolean hasNoBody(HttpFields headers) {
    return headers.getLongField(HttpHeader.CONTENT_LENGTH) <= 0
        && !headers.contains(HttpHeader.TRANSFER_ENCODING);
  }

  @Override
  public HttpURI getHttpURI() {
    return uri;
  }

  @Override
  public boolean isSecure() {
    return secure;
  }

  @Override
  public Content.Chunk read() {
    Content.Chunk chunk = super.read();
    if (chunk != null && chunk.isLast() && !bodyRead) {
      bodyRead = true;
      endPoint.checkPeer();
    }
    return chunk;
  }

  /**
   * Fails the request if the application neither reads nor writes: whoever does finds out anyway,
   * and Jetty's channel, asked to fail, would read on this thread what is left of the body.
   */
  void peerIsGone(Throwable failure) {
    if (bodyRead && told.compareAndSet(false, true)) {
      Runnable task = channel.onRemoteFailure(failure);
      if (task != null) {
        task.run();
      }
    }
  }
}
