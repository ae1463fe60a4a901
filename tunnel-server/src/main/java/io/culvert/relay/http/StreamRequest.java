package io.culvert.relay.http;

import io.culvert.connection.ExchangeMark;
import io.culvert.connection.TunnelStream;
import io.culvert.jetty.StreamTransport;
import io.culvert.relay.route.AgentLink;
import io.culvert.rendezvous.Rendezvous;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.transport.HttpConversation;
import org.eclipse.jetty.client.transport.HttpRequest;
import org.eclipse.jetty.http.HostPortHttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpURI;

/**
 * A request to an agent, with the target exactly as the client has written it: Jetty's own class
 * reads {@code //host/path} as a URI with an authority, and normalises what it understands.
 */
final class StreamRequest extends HttpRequest {
  /** The host is never looked up, and for HTTP/1.1 the Host field says what is sent. */
  private static final URI ANYWHERE = URI.create("http://agent/");

  private final String rawPath;
  private final String rawQuery;
  private final HostPortHttpField authority;

  /** See {@link #began}; null before. */
  private volatile Began began;

  /** A stream that carries the exchange, and what it had carried before. */
  record Began(TunnelStream stream, ExchangeMark mark) {}

  StreamRequest(
      HttpClient client,
      AgentLink agent,
      String method,
      HttpURI target,
      HttpFields.Mutable fields) {
    super(client, new HttpConversation(), ANYWHERE);
    rawPath = target.getPath();
    rawQuery = target.getQuery();
    String host = fields.get(HttpHeader.HOST);
    authority = new HostPortHttpField(host == null || host.isEmpty() ? "agent" : host);
    if (agent.h2c()) {
      fields.remove(HttpHeader.HOST); // it is :authority there
    }
    method(method);
    headers(all -> all.clear().add(fields));
    transport(new StreamTransport(agent, () -> agent.open(Rendezvous.FOR_HTTP, Duration.ZERO)));
    idleTimeout(0, TimeUnit.MILLISECONDS); // how long an exchange is silent is not our business
    followRedirects(false);
  }

  @Override
  public String getPath() {
    return rawPath == null || rawPath.isEmpty() ? "/" : rawPath;
  }

  @Override
  public String getQuery() {
    return rawQuery;
  }

  @Override
  public String getHost() {
    return authority == null ? super.getHost() : authority.getHost();
  }

  @Override
  public int getPort() {
    return authority == null ? super.getPort() : authority.getPort();
  }

  /** Null: nothing may be derived from the target, such as cookies. */
  @Override
  public URI getURI() {
    return null;
  }

  /** The exchange is about to be written to the stream. */
  void begin(TunnelStream stream, boolean alone) {
    began = new Began(stream, ExchangeMark.of(stream, alone));
  }

  /** Null while the exchange has no stream: then nothing of it was written. */
  Began began() {
    return began;
  }
}
