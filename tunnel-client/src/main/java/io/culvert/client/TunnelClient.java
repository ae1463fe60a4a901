package io.culvert.client;

import io.culvert.ConnectionBuilder;
import io.culvert.ConnectionBuilder.PingListener;
import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.connection.Connection;
import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.connection.EngineConnection;
import io.culvert.engine.EngineConfig;
import io.culvert.frame.Attributes;
import io.culvert.frame.Wire;
import io.culvert.okhttp.RetryPolicy;
import io.culvert.rendezvous.Rendezvous;
import io.culvert.swaggersocket.SwaggerConnection;
import io.culvert.swaggersocket.SwaggerSettings;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.Feature;
import io.culvert.websocket.TlsMaterial;
import io.culvert.websocket.UpgradeHeaders;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.WebSocketListener;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Dials connections to one server. Immutable and thread-safe; each {@link #connect} makes an
 * independent connection that owns all its threads and sockets.
 */
public final class TunnelClient {
  private final Settings settings;

  private TunnelClient(Settings settings) {
    this.settings = settings;
  }

  /**
   * Settings for connections to a server.
   *
   * @param url {@code ws://host:port/path} or {@code wss://...}
   * @throws IllegalArgumentException if it is no such URL, or holds credentials; quotes nothing of
   *     it that may be a secret
   */
  public static Builder builder(String url) {
    try {
      return new Builder(new URI(Objects.requireNonNull(url, "url")));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          "expected a URL like ws://host:port or wss://host, but found at character "
              + e.getIndex()
              + ": "
              + e.getReason());
    }
  }

  /**
   * Dials and waits until the handshake is complete.
   *
   * @return the connection; the caller ends it with {@link SocketConnection#close} or {@link
   *     SocketConnection#abort}, which end its threads too
   * @throws io.culvert.websocket.UpgradeException if the server refused the upgrade
   * @throws io.culvert.connection.TunnelException if it refused the handshake
   * @throws IOException if it could not be reached in time
   */
  public SocketConnection connect() throws IOException {
    return new Dialed(settings, ConnectionRuntime.create("client")).connect();
  }

  /**
   * Begins to dial and returns at once. As long as the server cannot be reached it is dialed again,
   * by {@link Builder#reconnect}; calls and streams wait meanwhile, up to their own timeout. What
   * ends that for good is told to {@link Builder#onGivenUp}.
   *
   * @return the connection, which has no {@link SocketConnection#id} before its first handshake;
   *     otherwise as {@link #connect}
   */
  public SocketConnection begin() {
    return new Dialed(settings, ConnectionRuntime.create("client")).begin();
  }

  /** Settings of a {@link TunnelClient}. Not thread-safe. */
  public static final class Builder extends ConnectionBuilder<Builder> {
    private final URI uri;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private Duration dialTimeout = Duration.ofSeconds(10);
    private SSLContext tls;
    private Proxy proxy = Proxy.NO_PROXY;
    private String proxyAuthorization;
    private ReconnectPolicy reconnect = ReconnectPolicy.DEFAULT;
    private Consumer<? super ConnectionEvent> listener = event -> {};
    private Consumer<? super IOException> givenUp = reason -> {};
    private Supplier<String> token;

    /** Null for the default, which is made only when it is needed. */
    private WebSocketDialer dialer;

    private Predicate<InetAddress> ownAddress = AddressWatch::isOwn;

    private Builder(URI uri) {
      if (uri.getUserInfo() != null) {
        throw new IllegalArgumentException(
            "credentials do not belong into the URL; use bearerToken or header");
      }
      this.uri = uri;
    }

    @Override
    protected Builder self() {
      return this;
    }

    /** Tells the server something about this side; no secrets, use {@link #header} for those. */
    public Builder metadata(String name, String value) {
      metadata.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /** Adds a header to the upgrade request. */
    public Builder header(String name, String value) {
      headers.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(value, "value"));
      return this;
    }

    /** Sends {@code Authorization: Bearer token} with the upgrade request. */
    public Builder bearerToken(String token) {
      return header("Authorization", "Bearer " + Objects.requireNonNull(token, "token"));
    }

    /**
     * Sends {@code Authorization: Bearer token} with each upgrade request, a token that may have
     * changed since the one before. The supplier is called before each dial and may block a little;
     * an exception fails that dial.
     */
    public Builder bearerTokens(Supplier<String> tokens) {
      token = Objects.requireNonNull(tokens, "tokens");
      return this;
    }

    /**
     * Asks a relay for the service of that name: calls and streams of the connection then reach it.
     *
     * @throws IllegalArgumentException if it is not one label of a host name in lower case
     */
    public Builder connectTo(String name) {
      if (!Rendezvous.isName(name)) {
        throw new IllegalArgumentException(
            "expected a name of lower-case letters, digits and hyphens, at most 63, but got '"
                + name
                + "'");
      }
      return header(Rendezvous.CONNECT, name);
    }

    /** How long name lookup, connect, proxy, TLS and upgrade may take together. Default 10 s. */
    public Builder dialTimeout(Duration timeout) {
      dialTimeout = positive(timeout, "dial timeout");
      return this;
    }

    /**
     * Uses this context for {@code wss}. Default: the JVM's, which trusts its usual authorities.
     */
    public Builder tls(SSLContext context) {
      tls = Objects.requireNonNull(context, "context");
      return this;
    }

    /**
     * For {@code wss}, trusts only the certificate authorities in this PEM file.
     *
     * @throws IOException if it cannot be read or holds no certificate
     */
    public Builder trust(Path authorities) throws IOException {
      return tls(TlsMaterial.clientTrusting(authorities));
    }

    /** Dials through an HTTP proxy (CONNECT) or a SOCKS proxy. Default: none. */
    public Builder proxy(Proxy through) {
      proxy = Objects.requireNonNull(through, "proxy");
      return this;
    }

    /** Basic credentials for the HTTP proxy. */
    public Builder proxyCredentials(String user, String password) {
      Objects.requireNonNull(user, "user");
      Objects.requireNonNull(password, "password");
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      proxyAuthorization = "Basic " + Base64.getEncoder().encodeToString(pair);
      return this;
    }

    /**
     * Which WebSocket library dials; default {@link JavaWebSocketDialer}. The dialer stays its
     * owner's: the client does not close it.
     */
    public Builder webSocket(WebSocketDialer library) {
      dialer = Objects.requireNonNull(library, "dialer");
      return this;
    }

    /** When to dial again after a break. Default {@link ReconnectPolicy#DEFAULT}. */
    public Builder reconnect(ReconnectPolicy policy) {
      reconnect = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /** Does not dial again: the connection is over when its WebSocket breaks. */
    public Builder reconnectOff() {
      reconnect = null;
      return this;
    }

    /**
     * Hears what happens to the connection: RECEIVED at each handshake, DETACHED and RESUMED when
     * it loses its WebSocket and gets another one, CLOSED or FAILED at each end. Called one at a
     * time; an event is dropped for a listener that is 256 behind.
     */
    public Builder onEvent(Consumer<? super ConnectionEvent> consumer) {
      listener = Objects.requireNonNull(consumer, "listener");
      return this;
    }

    /**
     * Hears, at most once, why the client dials no more although the application has not ended the
     * connection: an {@link io.culvert.websocket.UpgradeException} or {@link
     * io.culvert.connection.TunnelException} if the server does not want it, else what failed last.
     * Must not block.
     */
    public Builder onGivenUp(Consumer<? super IOException> consumer) {
      givenUp = Objects.requireNonNull(consumer, "consumer");
      return this;
    }

    /** For tests: whether an address is one of this machine's. */
    Builder ownAddress(Predicate<InetAddress> predicate) {
      ownAddress = predicate;
      return this;
    }

    /**
     * A client with these settings.
     *
     * @throws IllegalArgumentException if the URL is not one to dial, the metadata do not fit into
     *     a packet, settings would not be in force, or the WebSocket library cannot do what they
     *     ask for
     * @throws io.culvert.websocket.MissingLibraryException if no WebSocket library was chosen and
     *     the default one is not there
     */
    public TunnelClient build() {
      WebSocketDialer library = dialer == null ? new JavaWebSocketDialer() : dialer;
      checkProxy(library);
      Map<String, String> told = Attributes.copy(metadata, Wire.MAX_METADATA);
      return new TunnelClient(
          new Settings(
              library,
              swaggerSocket()
                  ? dial(null, swaggerSettings(library.missing()).maxMessageBytes())
                  : dial(Wire.SUBPROTOCOL, Wire.MAX_PACKET),
              swaggerSocket() ? swagger(library, told) : engine(told),
              endToEndTls(),
              retry(),
              pingListener(),
              Optional.ofNullable(reconnect),
              swaggerSocket() || reconnect == null ? address -> true : ownAddress,
              listener,
              givenUp,
              Optional.ofNullable(token)));
    }

    private DialRequest dial(String subprotocol, int maxMessageBytes) {
      return new DialRequest(
          uri, headers, subprotocol, dialTimeout, tls, proxy, proxyAuthorization, maxMessageBytes);
    }

    private Protocol engine(Map<String, String> told) {
      EngineConfig config = reconnect == null ? engineConfig().withoutResume() : engineConfig();
      return (runtime, hears) -> EngineConnection.dialer(runtime, config, told, hears);
    }

    private Protocol swagger(WebSocketDialer library, Map<String, String> told) {
      SwaggerSettings settings = swaggerSettings(library.missing());
      return (runtime, hears) -> SwaggerConnection.dialer(runtime, settings, told, hears);
    }

    private void checkProxy(WebSocketDialer library) {
      boolean http = proxy.type() == Proxy.Type.HTTP && "ws".equalsIgnoreCase(uri.getScheme());
      boolean socks = proxy.type() == Proxy.Type.SOCKS;
      if ((http && library.missing().contains(Feature.PROXY_FOR_WS))
          || (socks && library.missing().contains(Feature.SOCKS_PROXY))) {
        throw new IllegalArgumentException(
            library.getClass().getSimpleName()
                + " cannot dial a "
                + uri.getScheme()
                + " URL through a "
                + proxy.type()
                + " proxy: choose another WebSocket library with webSocket(...)");
      }
    }
  }

  /** What is spoken on the WebSocket. */
  interface Protocol {
    /** A connection that has not been dialed yet. */
    Connection connection(ConnectionRuntime runtime, ConnectionListener listener);
  }

  /** What a client was built with. */
  record Settings(
      WebSocketDialer dialer,
      DialRequest dial,
      Protocol protocol,
      boolean endToEndTls,
      RetryPolicy retry,
      PingListener pings,
      Optional<ReconnectPolicy> reconnect,
      Predicate<InetAddress> ownAddress,
      Consumer<? super ConnectionEvent> listener,
      Consumer<? super IOException> givenUp,
      Optional<Supplier<String>> token) {

    /** Dials, with the token of this moment. */
    void dial(WebSocketListener socketListener) throws IOException {
      dialer.dial(token.isEmpty() ? dial : withToken(token.get()), socketListener);
    }

    private DialRequest withToken(Supplier<String> tokens) throws IOException {
      String value;
      try {
        value = tokens.get();
      } catch (UncheckedIOException e) {
        throw e.getCause();
      } catch (RuntimeException e) {
        throw new IOException("there is no token to dial with", e);
      }
      DialRequest request = dial.withHeader("Authorization", "Bearer " + value);
      try {
        UpgradeHeaders.check(request);
      } catch (IllegalArgumentException e) {
        throw new IOException("the token is none that fits into a header", e);
      }
      return request;
    }
  }
}
