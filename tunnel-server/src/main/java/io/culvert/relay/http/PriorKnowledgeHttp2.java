package io.culvert.relay.http;

import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;

/**
 * HTTP/2 without TLS for clients that begin with it. {@code Upgrade: h2c} is ignored, as RFC 9113
 * section 3.1 allows: through a proxy that passes it on, it leads past whatever the proxy checks.
 */
public final class PriorKnowledgeHttp2 extends HTTP2CServerConnectionFactory {

  /**
   * @param configuration that of the HTTP/1.1 factory of the same connector, which has to be its
   *     default
   */
  public PriorKnowledgeHttp2(HttpConfiguration configuration) {
    super(configuration);
    setConnectProtocolEnabled(false); // no agent's stream carries WebSockets over HTTP/2
  }

  @Override
  public Connection upgradeConnection(
      Connector connector,
      EndPoint endPoint,
      MetaData.Request request,
      HttpFields.Mutable response101) {
    return HttpMethod.PRI.is(request.getMethod())
        ? super.upgradeConnection(connector, endPoint, request, response101)
        : null;
  }
}
