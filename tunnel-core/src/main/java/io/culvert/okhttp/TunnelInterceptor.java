package io.culvert.okhttp;

import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import okhttp3.CertificatePinner;
import okhttp3.ConnectionPool;
import okhttp3.Dns;
import okhttp3.Interceptor;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Sends the calls of any {@code OkHttpClient} through one connection. Add it as an application
 * interceptor, last. Thread-safe.
 *
 * <p>It changes where sockets come from, and nothing else: cookies, cache, redirects,
 * authenticators, gzip, events, timeouts and {@code newWebSocket} work as without it. What differs:
 *
 * <ul>
 *   <li>Host names are not resolved and proxies of the client are not used: the peer decides what a
 *       host means.
 *   <li>OkHttp does not repeat a request by itself after a failure (nor after a 408): a call that
 *       the connection fails, up to the end of the response's body and trailers, throws a {@link
 *       TunnelException} that says whether it was delivered. A {@link RetryPolicy} may repeat it.
 *       Timeouts, {@code cancel()} and what the service itself does to a response are as anywhere.
 *   <li>Read and write timeouts stand still while the connection has no WebSocket; the call timeout
 *       does not. A network interceptor sees them as 0, because the stream keeps them. With {@code
 *       H2_PRIOR_KNOWLEDGE} or TLS from end to end they are OkHttp's own and stand still for
 *       nothing, and so does the ping interval of a client.
 *   <li>Unless TLS from end to end is asked for, an {@code https} call is clear text inside the
 *       connection; the peer is told its scheme. Its handshake, which the cache needs, holds one
 *       certificate whose name says so; the client's TLS settings and certificate pins do not
 *       apply, because the WebSocket's TLS is what protects it.
 *   <li>{@code H2_PRIOR_KNOWLEDGE} works for {@code http} URLs; OkHttp allows it for no other.
 *   <li>A client whose connection specs lack {@code CLEARTEXT} makes no {@code http} calls, here as
 *       anywhere.
 * </ul>
 */
public final class TunnelInterceptor implements Interceptor, AutoCloseable {
  /**
   * An idle stream costs some hundred bytes, a new one a message: keep as many as there may be
   * concurrent callers.
   */
  private static final int MAX_IDLE = 64;

  /**
   * Less than a third of the server side's idle timeout ({@code TunnelConnector.IDLE_TIMEOUT}),
   * because OkHttp may look only every other time: the side that sends requests should be the one
   * that gives up a socket.
   */
  private static final int KEEP_ALIVE_SECONDS = 25;

  private final StreamConnection connection;
  private final boolean endToEndTls;
  private final RetryPolicy retry;
  private final ConnectionPool pool =
      new ConnectionPool(MAX_IDLE, KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);

  /** Calls that wait to open a stream. */
  private final AtomicInteger waiting = new AtomicInteger();

  /** One object for all calls, because the pool compares it. */
  private final Dns dns = TunnelInterceptor::placeholder;

  /**
   * @param endToEndTls whether {@code https} calls are encrypted inside the connection too, with
   *     the client's own TLS settings
   */
  public TunnelInterceptor(StreamConnection connection, boolean endToEndTls) {
    this(connection, endToEndTls, RetryPolicy.OFF);
  }

  /**
   * @param endToEndTls as above
   * @param retry which calls are repeated
   */
  public TunnelInterceptor(StreamConnection connection, boolean endToEndTls, RetryPolicy retry) {
    this.connection = connection;
    this.endToEndTls = endToEndTls;
    this.retry = retry;
  }

  /** An address that carries the name; nothing ever connects to it. */
  private static List<InetAddress> placeholder(String host) throws java.net.UnknownHostException {
    return List.of(InetAddress.getByAddress(host, new byte[] {127, 0, 0, 1}));
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request =
        connection.oneExchangeAtATime() ? ExchangeRules.applied(chain.request()) : chain.request();
    CallTimeouts timeouts = CallTimeouts.of(chain, connection, endToEndTls);
    CallListener listener = new CallListener(request.url(), timeouts, this::released);
    chain.call().addEventListener(listener);
    Chain tunnelled =
        (timeouts == null ? chain : CallTimeouts.without(chain))
            .withSocketFactory(
                new StreamSocketFactory(connection, this::open, listener::attributes))
            .withDns(dns)
            .withConnectionPool(pool)
            .withProxy(Proxy.NO_PROXY)
            .withRetryOnConnectionFailure(false);
    if (!endToEndTls) {
      tunnelled =
          tunnelled
              .withSslSocketFactory(ClearSslSocketFactory.INSTANCE, ClearTextTrust.INSTANCE)
              .withHostnameVerifier(ClearTextTrust.ANY_HOST)
              .withCertificatePinner(CertificatePinner.DEFAULT);
    }
    Response response = new Attempts(retry, listener).proceed(tunnelled, request);
    if (connection.oneExchangeAtATime()) {
      WholeBody body = new WholeBody(response.body(), listener::givenUp);
      response = response.newBuilder().body(body).build();
    }
    return ExplainedBody.in(
        response, e -> listener.delivery().explain(e, chain.call().isCanceled()));
  }

  /**
   * Opens a stream. If that has to wait for the peer's stream credit, the pool gives up its idle
   * sockets: OkHttp does not offer them to a call that is connecting already.
   */
  private TunnelStream open(Map<String, String> attributes, Duration timeout) throws IOException {
    try {
      return connection.open(attributes, Duration.ZERO);
    } catch (TunnelException e) {
      waiting.incrementAndGet();
      try {
        pool.evictAll();
        return connection.open(attributes, timeout);
      } finally {
        waiting.decrementAndGet();
      }
    }
  }

  /**
   * A socket has become idle. It must not be kept while a call waits for a stream, nor by a
   * connection that is draining and ends when its streams do.
   */
  private void released(boolean draining) {
    if (draining || waiting.get() > 0 || !connection.accepting()) {
      pool.evictAll();
    }
  }

  /** Sockets that are open, in use or idle. */
  public int openSockets() {
    return pool.connectionCount();
  }

  /** Closes the idle sockets; calls that are running go on. The interceptor stays usable. */
  @Override
  public void close() {
    pool.evictAll();
  }
}
