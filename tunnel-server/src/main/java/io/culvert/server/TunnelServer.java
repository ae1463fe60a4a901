package io.culvert.server;

import io.culvert.ConnectionBuilder;
import io.culvert.ConnectionEvents;
import io.culvert.SocketConnection;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.connection.LinkStatistics;
import io.culvert.connection.Links;
import io.culvert.frame.Wire;
import io.culvert.servlet.ServletHosts;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.TlsMaterial;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeRequest;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.WebSocketAcceptorFactory;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts connections on one address, or those that somebody else's HTTP server hands to it (see
 * {@link Builder#webSocket}). Thread-safe. Started once; {@link #stop} ends it for good.
 */
public final class TunnelServer implements AutoCloseable {
  /** How long {@link #close} lets running exchanges finish. */
  public static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  /** How long listeners that are at work may take before the server stops without them. */
  private static final Duration CALLBACK_TIMEOUT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(TunnelServer.class);

  private final ConnectionRuntime runtime = ConnectionRuntime.create("server");
  private final ConnectionEvents events = new ConnectionEvents(runtime.executor());
  private final ServletHosts hosts = new ServletHosts();
  private final WebSocketAcceptor acceptor;
  private final Connections connections;
  private final boolean tls;
  private boolean stopped;

  private TunnelServer(Builder builder) {
    tls = builder.tls != null;
    acceptor = builder.acceptor();
    connections = builder.connections(acceptor, runtime, events, hosts);
  }

  /** Settings of a new server; port 0, a free one, unless it is set. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Binds the address and begins to accept.
   *
   * @return this
   * @throws IOException if the address cannot be bound; the message names it
   * @throws IllegalStateException if it was started before
   */
  public TunnelServer start() throws IOException {
    try {
      acceptor.start(connections);
    } catch (IOException e) {
      stop(Duration.ZERO);
      throw e;
    }
    return this;
  }

  /**
   * The bound address, with the real port.
   *
   * @throws IllegalStateException before {@link #start}, or if another server listens
   */
  public InetSocketAddress address() {
    return acceptor.address();
  }

  /**
   * The URL that a dialer on this machine uses.
   *
   * @throws IllegalStateException before {@link #start}, or if another server listens
   */
  public URI uri() {
    return URI.create((tls ? "wss" : "ws") + "://localhost:" + address().getPort());
  }

  /**
   * Calls {@code handler} with each new connection, before any of the peer's calls is served:
   * typically to {@link SocketConnection#serve} something. It may block, and make calls; an
   * exception aborts the connection. Replaces the handler before; connections that are there
   * already are not shown to it.
   */
  public void onConnection(Consumer<? super SocketConnection> handler) {
    connections.onConnection(Objects.requireNonNull(handler, "handler"));
  }

  /**
   * Tells {@code watcher} what becomes of each connection that the handler has got. Unlike {@link
   * #events} it misses nothing. Replaces the watcher before.
   */
  public void watch(ConnectionWatcher watcher) {
    connections.watch(Objects.requireNonNull(watcher, "watcher"));
  }

  /** The connections that are established now; a copy. */
  public Collection<SocketConnection> connections() {
    return connections.active();
  }

  /** The connection with that id, if it is established. */
  public Optional<SocketConnection> connection(String id) {
    return connections.byId(id);
  }

  /** The connections whose metadata contain all these pairs; a copy. */
  public List<SocketConnection> connections(Map<String, String> metadata) {
    return connections.active().stream()
        .filter(c -> c.metadata().entrySet().containsAll(metadata.entrySet()))
        .toList();
  }

  /** What happened to the WebSockets of all connections since the start. */
  public LinkStatistics linkStatistics() {
    return runtime.linkStatistics();
  }

  /** RECEIVED, DETACHED, RESUMED, CLOSED and FAILED of every connection. */
  public ConnectionEvents events() {
    return events;
  }

  /** {@link #stop(Duration)} with {@link #STOP_TIMEOUT}. */
  @Override
  public void close() {
    stop(STOP_TIMEOUT);
  }

  /**
   * Accepts nothing more, tells every peer so, lets running exchanges finish for at most {@code
   * timeout}, closes the connections, and ends every thread. Returns when that is done. Idempotent.
   */
  public synchronized void stop(Duration timeout) {
    if (stopped) {
      return;
    }
    stopped = true;
    acceptor.stopListening();
    connections.closeAll(timeout);
    acceptor.close();
    // Events come last, so that subscribers hear of every end.
    if (!connections.awaitEnded(CALLBACK_TIMEOUT)) {
      LOG.warn("Some listeners of connections have not returned; their last events are lost");
    }
    events.close();
    hosts.close();
    runtime.close();
  }

  /** Settings of a {@link TunnelServer}. Not thread-safe. */
  public static final class Builder extends ConnectionBuilder<Builder> {
    private static final Duration UPGRADE_TIMEOUT = Duration.ofSeconds(10);

    private WebSocketAcceptorFactory library = JavaWebSocketAcceptor::new;

    /** Null unless set. */
    private InetSocketAddress address;

    private SSLContext tls;

    /** Null unless set. */
    private Duration upgradeTimeout;

    private int maxConnections = 10_000;
    private Authorizer authorizer = request -> Optional.empty();
    private Function<? super UpgradeRequest, String> principal = request -> "";

    /** Null unless set. */
    private Admission.Policy admission;

    private int maxDetached = 10_000;

    private Builder() {}

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Which WebSocket library accepts: a constructor such as {@code JettyAcceptor::new}, or
     * somebody else's HTTP server that hosts this one (a {@code JettyMount}, a {@code
     * JakartaMount}). A host listens by itself: port, address, TLS and the time for upgrades are
     * set there. Default {@link JavaWebSocketAcceptor}.
     */
    public Builder webSocket(WebSocketAcceptorFactory factory) {
      library = Objects.requireNonNull(factory, "factory");
      return this;
    }

    /** Listens on this port of every address of the machine; 0 chooses a free one. */
    public Builder port(int port) {
      return address(new InetSocketAddress(port));
    }

    /** Listens on this address only. */
    public Builder address(InetSocketAddress listen) {
      address = Objects.requireNonNull(listen, "address");
      return this;
    }

    /** Speaks {@code wss} with this context. */
    public Builder tls(SSLContext context) {
      tls = Objects.requireNonNull(context, "context");
      return this;
    }

    /**
     * Speaks {@code wss} with a certificate chain and its unencrypted PKCS#8 key in PEM files.
     *
     * @throws IOException if a file cannot be read or is not what was expected; says which
     */
    public Builder tls(Path chain, Path privateKey) throws IOException {
      return tls(TlsMaterial.serverFromPem(chain, privateKey));
    }

    /**
     * Speaks {@code wss} with the key in a PKCS#12 or JKS keystore.
     *
     * @throws IOException if it cannot be read; says why
     */
    public Builder tls(Path keyStore, char[] password) throws IOException {
      return tls(TlsMaterial.serverFromKeyStore(keyStore, password));
    }

    /** How long a socket may take for TLS and the upgrade. Default 10 s. */
    public Builder upgradeTimeout(Duration timeout) {
      upgradeTimeout = positive(timeout, "upgrade timeout");
      return this;
    }

    /**
     * How many connections may be open, in the handshake or established; further upgrades are
     * answered with 503. Default 10,000.
     */
    public Builder maxConnections(int count) {
      if (count <= 0) {
        throw new IllegalArgumentException("maxConnections must be positive, but is " + count);
      }
      maxConnections = count;
      return this;
    }

    /** Who may connect. Default: everybody. */
    public Builder authorizer(Authorizer decides) {
      authorizer = Objects.requireNonNull(decides, "authorizer");
      return this;
    }

    /**
     * Who is asking, as the authorizer let them in: only the same principal can resume a
     * connection, besides having its secret, and {@link #maxDetached} counts by it. Must not block
     * nor return null. Default: everybody is the same.
     */
    public Builder principal(Function<? super UpgradeRequest, String> function) {
      principal = Objects.requireNonNull(function, "principal");
      return this;
    }

    /**
     * Who may connect, as whom, and with what attached, in one decision; instead of {@link
     * #authorizer} and {@link #principal}, which are not asked then.
     */
    public Builder admission(Admission.Policy policy) {
      admission = Objects.requireNonNull(policy, "policy");
      return this;
    }

    private Admission.Policy admission() {
      if (admission != null) {
        return admission;
      }
      Authorizer lets = authorizer;
      Function<? super UpgradeRequest, String> names = principal;
      return request -> {
        Optional<Upgrade.Refuse> refusal =
            Objects.requireNonNull(lets.authorize(request), "the authorizer returned null");
        return refusal.isPresent()
            ? new Admission.Refused(refusal.get())
            : new Admission.Admitted(
                Objects.requireNonNull(names.apply(request), "the principal is null"), null);
      };
    }

    /**
     * How many connections of one principal may be without a WebSocket and wait to be resumed; of
     * more, the one that has waited longest ends. All principals together have {@link
     * #maxConnections} at most. Default 10,000.
     */
    public Builder maxDetached(int count) {
      if (count <= 0) {
        throw new IllegalArgumentException("maxDetached must be positive, but is " + count);
      }
      maxDetached = count;
      return this;
    }

    /**
     * A server that is not started yet.
     *
     * @throws IllegalArgumentException if something is set that is the host's affair, or does not
     *     go with swaggersocket
     * @throws io.culvert.websocket.MissingLibraryException if the WebSocket library is not there
     */
    public TunnelServer build() {
      if (library.hosted() && (address != null || tls != null || upgradeTimeout != null)) {
        throw new IllegalArgumentException(
            "port, address, tls and upgradeTimeout are of no use when another server listens: set"
                + " them there");
      }
      return new TunnelServer(this);
    }

    private WebSocketAcceptor acceptor() {
      InetSocketAddress listen = address == null ? new InetSocketAddress(0) : address;
      Duration timeout = upgradeTimeout == null ? UPGRADE_TIMEOUT : upgradeTimeout;
      return library.acceptor(
          new ListenRequest(
              library.hosted() ? null : listen,
              new WebSocketAcceptor.Limits(
                  swaggerSocket()
                      ? Math.max(Wire.MAX_PACKET, swaggerSettings(Set.of()).maxMessageBytes())
                      : Wire.MAX_PACKET,
                  timeout),
              tls,
              "culvert-server"));
    }

    private Connections connections(
        WebSocketAcceptor acceptor,
        ConnectionRuntime runtime,
        ConnectionEvents events,
        ServletHosts hosts) {
      return new Connections(
          runtime,
          new Connections.Protocols(
              engineConfig(),
              swaggerSocket()
                  ? Optional.of(swaggerSettings(acceptor.missing()))
                  : Optional.empty()),
          new Connections.Policy(
              admission(), maxConnections, pingListener(), endToEndTls(), retry()),
          events,
          hosts,
          new Links(maxDetached, maxConnections));
    }
  }
}
