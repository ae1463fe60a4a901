package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.dials;
import static io.culvert.testkit.teeth.Tooth.fails;
import static io.culvert.testkit.teeth.Tooth.leaks;
import static io.culvert.testkit.teeth.Tooth.tooth;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.Socket;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** TLS, proxies, and what is left behind. */
final class NetworkTeeth {
  private NetworkTeeth() {}

  static List<Tooth> all() {
    return List.of(
        tooth(
            "every certificate is good",
            () -> dials((a, request, l) -> a.dial(BrokenDialer.with(request, careless()), l)),
            fails(
                "SSLException to be thrown",
                "anUnknownAuthorityIsRefused",
                "aCertificateForAnotherHostIsRefused")),
        tooth(
            "without TLS at the peer there is none",
            () -> dials(NetworkTeeth::dialAnyhow),
            fails("IOException to be thrown", "wssToAPlainPortIsAnError")),
        tooth(
            "the proxy is passed by",
            () -> dials((a, request, l) -> a.dial(BrokenDialer.withoutProxy(request), l)),
            fails("but was: <[]>", "anHttpProxyIsAskedToConnect"),
            fails("IOException to be thrown", "aProxyThatWantsAuthorizationIsAClearError")),
        tooth(
            "a proxy's refusal quotes the credentials",
            () ->
                dials(
                    (adapter, request, listener) -> {
                      try {
                        return adapter.dial(request, listener);
                      } catch (IOException e) {
                        throw new IOException(e.getMessage() + ": " + request.proxyAuthorization());
                      }
                    }),
            fails("Basic wrong", "aProxyThatWantsAuthorizationIsAClearError")),
        tooth(
            "a proxy's refusal has no status",
            () ->
                dials(
                    (adapter, request, listener) -> {
                      try {
                        return adapter.dial(request, listener);
                      } catch (IOException e) {
                        throw new IOException("the proxy refused");
                      }
                    }),
            fails("the proxy refused", "aProxyThatWantsAuthorizationIsAClearError")),
        tooth(
            "a WebSocket leaves a thread behind",
            () -> new Leak(Leak.Of.THREADS),
            leaks("the threads of ended WebSockets end", "aThousandWebSocketsLeaveNothingBehind")),
        tooth(
            "a WebSocket leaves a socket behind",
            () -> new Leak(Leak.Of.SOCKETS),
            leaks(
                "the sockets of ended WebSockets close", "aThousandWebSocketsLeaveNothingBehind")));
  }

  private static WebSocket dialAnyhow(
      WebSocketDialer adapter, DialRequest request, WebSocketListener listener) throws IOException {
    try {
      return adapter.dial(request, listener);
    } catch (IOException e) {
      URI plain = URI.create(request.uri().toString().replace("wss", "ws"));
      return adapter.dial(BrokenDialer.with(request, plain), listener);
    }
  }

  private static SSLContext careless() throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Careless()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(e);
    }
  }

  private static final class Careless extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** Every tenth dial leaves one; they end with the run. */
  private static final class Leak extends Break {
    enum Of {
      THREADS,
      SOCKETS
    }

    private final Of what;
    private final AtomicInteger dials = new AtomicInteger();

    Leak(Of what) {
      this.what = what;
    }

    @Override
    WebSocket dial(WebSocketDialer adapter, DialRequest request, WebSocketListener listener)
        throws IOException {
      if (dials.incrementAndGet() % 10 == 0) {
        closeLater(what == Of.THREADS ? thread() : new DatagramSocket());
      }
      return adapter.dial(request, listener);
    }

    private static AutoCloseable thread() {
      CountDownLatch over = new CountDownLatch(1);
      Thread thread =
          new Thread(
              () -> {
                try {
                  over.await();
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
              },
              "teeth-leak");
      thread.setDaemon(true);
      thread.start();
      return over::countDown;
    }
  }
}
