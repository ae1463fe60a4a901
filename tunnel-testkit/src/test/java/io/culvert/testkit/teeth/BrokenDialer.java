package io.culvert.testkit.teeth;

import io.culvert.testkit.teeth.Break.Side;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import javax.net.ssl.SSLContext;

/** A dialer that is broken in one place. */
record BrokenDialer(Break broken, WebSocketDialer adapter) implements WebSocketDialer {

  @Override
  public WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException {
    return broken.dial(this::dialAndStandBetween, request, listener);
  }

  private WebSocket dialAndStandBetween(DialRequest request, WebSocketListener listener)
      throws IOException {
    Between between = broken.between(Side.DIALER).to(listener);
    adapter.dial(overTheWire(request), between);
    return between;
  }

  private DialRequest overTheWire(DialRequest request) throws IOException {
    Wire wire = broken.wire(Side.DIALER);
    if (wire == null) {
      return request;
    }
    var target = new InetSocketAddress(InetAddress.getLoopbackAddress(), request.uri().getPort());
    int port = broken.closeLater(wire.tap(target, Side.DIALER)).address().getPort();
    String uri = request.uri().toString().replace(":" + target.getPort(), ":" + port);
    return with(request, URI.create(uri));
  }

  static DialRequest with(DialRequest request, URI uri) {
    return new DialRequest(
        uri,
        request.headers(),
        request.subprotocol(),
        request.timeout(),
        uri.getScheme().equals("ws") ? null : request.sslContext(),
        request.proxy(),
        request.proxyAuthorization(),
        request.maxMessageBytes());
  }

  static DialRequest withoutProxy(DialRequest request) {
    return new DialRequest(
        request.uri(),
        request.headers(),
        request.subprotocol(),
        request.timeout(),
        request.sslContext(),
        Proxy.NO_PROXY,
        null,
        request.maxMessageBytes());
  }

  static DialRequest with(DialRequest request, SSLContext tls) {
    return new DialRequest(
        request.uri(),
        request.headers(),
        request.subprotocol(),
        request.timeout(),
        tls,
        request.proxy(),
        request.proxyAuthorization(),
        request.maxMessageBytes());
  }

  static DialRequest with(DialRequest request, String subprotocol, Duration timeout, int max) {
    return new DialRequest(
        request.uri(),
        request.headers(),
        subprotocol,
        timeout,
        request.sslContext(),
        request.proxy(),
        request.proxyAuthorization(),
        max);
  }

  @Override
  public Set<Feature> missing() {
    return broken.missing(adapter.missing());
  }
}
