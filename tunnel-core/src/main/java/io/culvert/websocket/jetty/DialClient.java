package io.culvert.websocket.jetty;

import io.culvert.websocket.DialRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.eclipse.jetty.client.Authentication;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.HttpProxy;
import org.eclipse.jetty.client.Origin;
import org.eclipse.jetty.client.ProtocolHandlers;
import org.eclipse.jetty.client.ProxyAuthenticationProtocolHandler;
import org.eclipse.jetty.client.ProxyConfiguration;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Socks5Proxy;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.WebSocketComponents;
import org.eclipse.jetty.websocket.core.client.WebSocketCoreClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Jetty's client for one dial and the WebSocket that comes of it: its TLS, its proxy, its threads.
 * It sends what the request says and nothing of its own. Thread-safe.
 */
final class DialClient {
  private static final Logger log = LoggerFactory.getLogger(DialClient.class);

  private static final AtomicLong dials = new AtomicLong();

  private static final int MAX_ANSWER_HEAD_BYTES = 16 * 1024;

  private final String name;
  private final String subprotocol;
  private final Scheduler timer;
  private final WebSocketCoreClient client;
  private final AtomicBoolean ended = new AtomicBoolean();

  /**
   * @throws IOException if the JVM has no TLS to give
   */
  DialClient(DialRequest request, String threadPrefix) throws IOException {
    name = threadPrefix + "-dial-" + dials.incrementAndGet();
    subprotocol = request.subprotocol();
    timer = new ScheduledExecutorScheduler(name + "-timer", true);
    ArrayByteBufferPool buffers = new ArrayByteBufferPool();
    Pool pool = new Pool(name, true);
    pool.setReservedThreads(1); // one reads while the other waits for more
    ClientConnector connector = new ClientConnector();
    connector.setSelectors(1);
    connector.setExecutor(pool);
    connector.setScheduler(timer);
    connector.setByteBufferPool(buffers);
    connector.setIdleTimeout(Duration.ZERO); // none: the dial has its own time limit
    connector.setSslContextFactory(tls(request));
    HttpClient http = new HttpClient(new HttpClientTransportOverHTTP(connector));
    http.setUserAgentField(null);
    http.setHttpCookieStore(new HttpCookieStore.Empty());
    http.setFollowRedirects(false);
    http.setMaxResponseHeadersSize(MAX_ANSWER_HEAD_BYTES);
    http.setSocketAddressResolver(new Addresses(connector, request.timeout()).resolver());
    useProxy(http, request);
    client =
        new WebSocketCoreClient(
            http, new WebSocketComponents(null, null, buffers, null, null, pool));
  }

  private static SslContextFactory.Client tls(DialRequest request) throws IOException {
    SslContextFactory.Client tls = new SslContextFactory.Client();
    tls.setEndpointIdentificationAlgorithm("HTTPS");
    try {
      tls.setSslContext(request.secure() ? context(request) : trustingNobody());
    } catch (GeneralSecurityException e) {
      throw new IOException("the JVM has no TLS context to give", e);
    }
    return tls;
  }

  private static SSLContext context(DialRequest request) throws GeneralSecurityException {
    return request.sslContext() == null ? SSLContext.getDefault() : request.sslContext();
  }

  /** For {@code ws}: a client with none would read the JVM's trusted certificates, at each dial. */
  private static SSLContext trustingNobody() throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(new KeyManager[0], new TrustManager[0], null);
    return context;
  }

  private static void useProxy(HttpClient http, DialRequest request) {
    if (request.proxy().type() == Proxy.Type.DIRECT) {
      return;
    }
    InetSocketAddress address = (InetSocketAddress) request.proxy().address();
    boolean socks = request.proxy().type() == Proxy.Type.SOCKS;
    ProxyConfiguration.Proxy proxy =
        socks
            ? new Socks5Proxy(address.getHostString(), address.getPort())
            : new AlwaysTunnel(address.getHostString(), address.getPort());
    http.getProxyConfiguration().addProxy(proxy);
    if (request.proxyAuthorization() != null) {
      http.getAuthenticationStore()
          .addAuthenticationResult(
              new ProxyAuthorization(proxy.getURI(), request.proxyAuthorization()));
    }
  }

  /** Asked to CONNECT for {@code ws} too. */
  private static final class AlwaysTunnel extends HttpProxy {
    AlwaysTunnel(String host, int port) {
      super(host, port);
    }

    @Override
    public boolean requiresTunnel(Origin server) {
      return true;
    }
  }

  /** Goes to the proxy with the first request, unasked. */
  private static final class ProxyAuthorization implements Authentication.Result {
    private final URI proxy;
    private final String value;

    ProxyAuthorization(URI proxy, String value) {
      this.proxy = proxy;
      this.value = value;
    }

    @Override
    public URI getURI() {
      return proxy;
    }

    @Override
    public void apply(Request request) {
      request.headers(headers -> headers.put(HttpHeader.PROXY_AUTHORIZATION, value));
    }
  }

  WebSocketCoreClient client() {
    return client;
  }

  Scheduler timer() {
    return timer;
  }

  /** Starts its threads. */
  void start() throws IOException {
    try {
      client.start();
    } catch (Exception e) {
      end();
      throw new IOException("Jetty's client did not start", e);
    }
    HttpClient http = client.getHttpClient();
    http.getContentDecoderFactories().clear(); // no Accept-Encoding
    // What the peer asks for in vain is answered by the dial's failure.
    ProtocolHandlers handlers = http.getProtocolHandlers();
    handlers.remove(WWWAuthenticationProtocolHandler.NAME);
    handlers.remove(ProxyAuthenticationProtocolHandler.NAME);
    handlers.put(new AnswerCheck(subprotocol));
  }

  /** Drops what is open and ends the threads, on a thread of its own. Any thread; idempotent. */
  void end() {
    if (ended.compareAndSet(false, true)) {
      Thread thread = new Thread(this::stop, name + "-end");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private void stop() {
    try {
      client.stop();
    } catch (Exception e) {
      log.warn("Jetty's client did not stop in order", e);
    }
  }
}
