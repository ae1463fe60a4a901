package io.culvert.servlet;

import io.culvert.connection.StreamConnection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Attributes;

/** A request with what the stream and its connection say about it. */
final class TunnelRequest extends Request.AttributesWrapper {
  private final TunnelEndPoint endPoint;
  private final HttpURI uri;
  private final boolean secure;
  private final List<Consumer<Throwable>> failureListeners = new CopyOnWriteArrayList<>();

  /** Whether the application has read the body to its end, or there is none. */
  private volatile boolean bodyRead;

  TunnelRequest(Request request, TunnelEndPoint endPoint, boolean tls) {
    super(request, attributes(request, endPoint.stream().connection()));
    this.endPoint = endPoint;
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

  @Override
  public void addFailureListener(Consumer<Throwable> onFailure) {
    AtomicBoolean told = new AtomicBoolean();
    Consumer<Throwable> once =
        failure -> {
          if (told.compareAndSet(false, true)) {
            onFailure.accept(failure);
          }
        };
    failureListeners.add(once);
    super.addFailureListener(once);
  }

  /**
   * Tells the request's failure listeners, which is how an asynchronous servlet hears of it; an
   * application that reads or writes finds out anyway. Jetty's channel is not asked to fail: when
   * that meets a write that is just beginning, it waits for ever.
   */
  void peerIsGone(Throwable failure) {
    failureListeners.forEach(listener -> listener.accept(failure));
  }
}
