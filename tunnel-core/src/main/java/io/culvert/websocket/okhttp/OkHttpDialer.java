package io.culvert.websocket.okhttp;

import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.UpgradeHeaders;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.net.Proxy;
import java.util.Objects;
import java.util.Set;
import okhttp3.OkHttpClient;

/**
 * A {@link WebSocketDialer} over OkHttp 5.5.
 *
 * <p>Threads: each dial has one daemon thread, the WebSocket's reader, which ends with it; OkHttp
 * calls it {@code OkHttp <URL without path>}. Writing is done by OkHttp's {@code TaskRunner}, whose
 * daemon threads all OkHttp clients of the JVM share and which end after a minute without work; a
 * WebSocket whose peer does not read holds one of them.
 *
 * <p>A message that is sent has at most 7 MiB; the completion of a longer one fails, and the
 * WebSocket stays open. A ping is dropped when 8,000 wait. Memory for incoming messages is bounded
 * by {@link DialRequest#maxMessageBytes}: a frame beyond it is skipped unread. A violation of the
 * protocol by the peer ends the WebSocket with code 1002 here, but OkHttp sends no close frame.
 *
 * <p>SOCKS proxies are asked by the JDK's sockets, and resolve the host name themselves.
 */
public final class OkHttpDialer implements WebSocketDialer {
  private static final String LIBRARY = "com.squareup.okhttp3:okhttp-jvm";
  private static final String LIBRARY_CLASS = "okhttp3.OkHttpClient";

  private static final Set<Feature> MISSING = Set.of(Feature.PROXY_FOR_WS);

  private final DialClient client;

  /**
   * With OkHttp's defaults.
   *
   * @throws MissingLibraryException if OkHttp is not there
   */
  public OkHttpDialer() {
    // First of all, and apart from this class: a JVM checks a class before it runs any of it.
    MissingLibraryException.require(OkHttpDialer.class, LIBRARY_CLASS, LIBRARY);
    client = new DialClient();
  }

  /**
   * With the settings of a client: its interceptors, authenticators, cookies, DNS, socket factory,
   * TLS (unless a request brings its own) and so on. Not used are its dispatcher and connection
   * pool, because every WebSocket has a thread and a socket of its own; its timeouts and proxy, for
   * which the request has settings; its pings, which would end a paused WebSocket; its cache, its
   * network interceptors and its event listener, which OkHttp itself leaves out for WebSockets; and
   * its will to follow redirects.
   *
   * <p>Certificate pins cannot be checked against the TLS context of a request, whose dial to a
   * pinned host fails.
   */
  public OkHttpDialer(OkHttpClient base) {
    client = new DialClient(base);
  }

  @Override
  public Set<Feature> missing() {
    return MISSING;
  }

  /**
   * {@inheritDoc}
   *
   * <p>A name lookup cannot be interrupted: its thread ends when the lookup does.
   */
  @Override
  public WebSocket dial(DialRequest request, WebSocketListener listener) throws IOException {
    Objects.requireNonNull(listener, "listener");
    UpgradeHeaders.check(request);
    checkOffer(request);
    if (request.proxy().type() == Proxy.Type.HTTP && !request.secure()) {
      throw new UnsupportedOperationException(
          "OkHttp asks an HTTP proxy to CONNECT for wss:// only: dial wss://, or use another"
              + " adapter, such as JavaWebSocketDialer");
    }
    return new DialAttempt(request, listener).run(client.of(request));
  }

  private static void checkOffer(DialRequest request) {
    for (String name : request.headers().keySet()) {
      if (name.equalsIgnoreCase(UpgradeInterceptor.EXTENSIONS)) {
        throw new IllegalArgumentException(name + " may not be sent: no extension is supported");
      }
    }
  }
}
