package io.culvert.websocket.okhttp;

import io.culvert.websocket.DialRequest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.X509TrustManager;
import okhttp3.ConnectionPool;
import okhttp3.Dispatcher;
import okhttp3.OkHttpClient;

/** The settings of a dialer's OkHttp client. Immutable. */
final class DialClient {
  private static final AtomicLong threads = new AtomicLong();

  private final OkHttpClient client;

  DialClient() {
    this(new OkHttpClient());
  }

  DialClient(OkHttpClient base) {
    client =
        base.newBuilder()
            .dispatcher(dispatcher())
            .connectionPool(new ConnectionPool(0, 1, TimeUnit.MINUTES))
            .cache(null)
            .followRedirects(false)
            .followSslRedirects(false)
            .retryOnConnectionFailure(false)
            .callTimeout(Duration.ZERO)
            .connectTimeout(Duration.ZERO)
            .readTimeout(Duration.ZERO)
            .writeTimeout(Duration.ZERO)
            .pingInterval(Duration.ZERO)
            // The adapter's own bound counts from the call, and is to be the first to run out.
            .webSocketCloseTimeout(OkHttpWebSocket.CLOSE_TIMEOUT.multipliedBy(2))
            .build();
  }

  /** Starts every WebSocket at once, on a thread that ends with it. */
  private static Dispatcher dispatcher() {
    Dispatcher dispatcher =
        new Dispatcher(
            new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                0,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                DialClient::thread));
    dispatcher.setMaxRequests(Integer.MAX_VALUE);
    return dispatcher;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "culvert-okhttp-" + threads.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  /** For one dial. */
  OkHttpClient.Builder of(DialRequest request) {
    OkHttpClient.Builder builder =
        client
            .newBuilder()
            .proxy(request.proxy())
            .proxyAuthenticator(
                new ProxyAuthorization(request.proxyAuthorization(), client.proxyAuthenticator()));
    SSLContext tls = request.sslContext();
    return tls == null
        ? builder
        : builder.sslSocketFactory(tls.getSocketFactory(), new TrustOfContext());
  }

  /**
   * OkHttp wants a trust manager beside a socket factory, and only asks it for the issuers behind
   * certificate pins. It is the TLS context that checks the peer.
   */
  private static final class TrustOfContext implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("not to be asked");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType)
        throws CertificateException {
      throw new CertificateException("not to be asked");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
