package io.culvert.relay;

import io.culvert.relay.access.Credentials;
import io.culvert.relay.access.PublicAccess;
import io.culvert.relay.route.Agents;
import io.culvert.rendezvous.Rendezvous;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The public side of services behind NAT: takes public HTTP and the streams of callers, and passes
 * them on to the agents that serve the names. What it agrees on with them is in docs/relay.md.
 * Thread-safe. Started once; {@link #stop} ends it for good.
 */
public final class Relay implements AutoCloseable {
  /** How long {@link #close} lets running exchanges finish. */
  public static final Duration STOP_TIMEOUT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  private final RelaySettings settings;
  private final RelayParts parts;

  // Guarded by this.
  private boolean started;
  private boolean stopped;

  private Relay(RelaySettings settings) {
    this.settings = settings;
    parts = new RelayParts(settings);
  }

  /** Settings of a new relay; a free port on loopback unless an address is set. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Binds its addresses and begins to accept.
   *
   * @return this
   * @throws IOException if an address cannot be bound; the message names it
   * @throws IllegalStateException if it was started before
   */
  public synchronized Relay start() throws IOException {
    if (started || stopped) {
      throw new IllegalStateException("a relay is started once");
    }
    started = true;
    try {
      parts.tunnels.start();
      parts.jetty.start();
    } catch (Exception e) {
      stop(Duration.ZERO);
      throw e instanceof IOException io ? io : new IOException("cannot start the relay", e);
    }
    if (settings.credentials() == null) {
      LOG.warn(
          "No credentials are set: everybody on this machine may serve and call every name. The"
              + " relay listens on loopback only");
    } else {
      settings.credentials().onChange(parts.presence::endForbidden);
      warnOfClearText();
    }
    if (settings.tls() != null) {
      settings.tls().watch(parts.jetty.getScheduler(), settings.tlsLook());
    }
    return this;
  }

  private void warnOfClearText() {
    if (settings.tls() == null && !isLoopback(settings.agentAddress().orElse(settings.address()))) {
      LOG.warn("Tokens and everything else come in clear text unless something in front has TLS");
    }
  }

  /**
   * The bound address of public HTTP, and of agents unless they have their own.
   *
   * @throws IllegalStateException if the relay does not listen
   */
  public InetSocketAddress address() {
    return bound(parts.publicPort);
  }

  /**
   * Where agents and callers come to.
   *
   * @throws IllegalStateException if the relay does not listen
   */
  public InetSocketAddress agentAddress() {
    return bound(parts.agentPort);
  }

  /**
   * Where status and metrics are; empty if nowhere.
   *
   * @throws IllegalStateException if the relay does not listen
   */
  public Optional<InetSocketAddress> adminAddress() {
    return Optional.ofNullable(parts.adminPort).map(Relay::bound);
  }

  private static InetSocketAddress bound(ServerConnector port) {
    int number = port.getLocalPort();
    if (number <= 0) {
      throw new IllegalStateException("the relay does not listen");
    }
    return new InetSocketAddress(port.getHost(), number);
  }

  /** Whether tokens are needed. */
  public boolean needsToken() {
    return settings.credentials() != null;
  }

  /** What it has and does now. */
  public RelayStatus status() {
    return parts.status.now();
  }

  /** {@link #stop(Duration)} with {@link #STOP_TIMEOUT}. */
  @Override
  public void close() {
    stop(STOP_TIMEOUT);
  }

  /**
   * Accepts nothing more, lets running requests and streams finish for at most {@code timeout},
   * tells every peer, closes all connections, and ends every thread. Returns when that is done.
   * Idempotent.
   */
  public synchronized void stop(Duration timeout) {
    if (stopped) {
      return;
    }
    stopped = true;
    long deadline = System.nanoTime() + timeout.toNanos();
    parts.admin.stopping();
    parts.publicPort.close();
    parts.agentPort.close();
    parts.feeds.end();
    try {
      parts.publicRequests.awaitEnd(timeout);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // then nothing is waited for
    }
    // Its pooled streams would be waited for in vain.
    LifeCycle.stop(parts.publicRequests.getHandler());
    parts.tunnels.stop(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    LifeCycle.stop(parts.jetty);
    parts.metrics.ifPresent(RelayMetrics::close);
  }

  private static boolean isLoopback(InetSocketAddress address) {
    return address.getAddress() != null && address.getAddress().isLoopbackAddress();
  }

  /** Settings of a {@link Relay}. Not thread-safe. */
  public static final class Builder {
    private InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private InetSocketAddress agentAddress;
    private InetSocketAddress adminAddress;
    private String domain;
    private String defaultName;
    private TlsFiles tls;
    private Duration tlsLook = TlsFiles.LOOK;
    private Credentials credentials;
    private Duration agentWait = Duration.ofSeconds(10);
    private Duration resumeTimeout = Duration.ofSeconds(60);
    private Duration heartbeatIdle = Duration.ofSeconds(15);
    private Duration heartbeatTimeout = Duration.ofSeconds(10);
    private int maxAgents = 10_000;
    private final List<Consumer<? super RequestRecord>> listeners = new ArrayList<>();
    private Predicate<InetAddress> trustedProxies = address -> false;

    private PublicAccess publicAccess = PublicAccess.open();

    /** Null for the real one. */
    private Function<Agents, Handler> publicHttp;

    private Builder() {}

    /** Where public HTTP comes to, and agents unless they have their own. Default: loopback. */
    public Builder address(InetSocketAddress listen) {
      address = resolved(listen);
      return this;
    }

    /** Where agents and callers come to; then the other port takes none of them. */
    public Builder agentAddress(InetSocketAddress listen) {
      agentAddress = resolved(listen);
      return this;
    }

    /**
     * Where {@code /status}, {@code /metrics} and {@code /healthz} are. Without a token on
     * loopback; elsewhere a bearer token with the scope {@code admin} is needed, and TLS is spoken
     * if the relay has it. Default: nowhere.
     */
    public Builder adminAddress(InetSocketAddress listen) {
      adminAddress = resolved(listen);
      return this;
    }

    /**
     * Each name's host is the name below this domain. Default: names have no hosts.
     *
     * @throws IllegalArgumentException if it is not the name of a host
     */
    public Builder domain(String parent) {
      if (!parent.matches("[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*\\.?")) {
        throw new IllegalArgumentException(
            "expected a domain such as example.com, but got " + parent);
      }
      domain = parent;
      return this;
    }

    /** The name that requests are for whose host is not below the domain. Default: none. */
    public Builder defaultName(String name) {
      if (!Rendezvous.isName(name)) {
        throw new IllegalArgumentException(
            "expected one label of a host name in lower case as the default name, but got " + name);
      }
      defaultName = name;
      return this;
    }

    /**
     * Speaks TLS with a certificate chain and its unencrypted PKCS#8 key in PEM files, which are
     * read again when they change.
     *
     * @throws IOException if a file cannot be read or is not what was expected; says which
     */
    public Builder tls(Path chain, Path privateKey) throws IOException {
      tls = new TlsFiles(chain, privateKey);
      return this;
    }

    Builder tlsLook(Duration every) {
      tlsLook = every;
      return this;
    }

    /**
     * Who may do what. They stay the caller's, to be closed after the relay. Default: none, and
     * everybody on this machine may do everything; then all addresses must be loopback ones.
     */
    public Builder credentials(Credentials known) {
      credentials = Objects.requireNonNull(known, "credentials");
      return this;
    }

    /** How long a request or a stream waits for an agent that is away. Default 10 s; 0: not. */
    public Builder agentWait(Duration timeout) {
      agentWait = notNegative(timeout, "agent wait");
      return this;
    }

    /**
     * How long an agent or caller that has lost its WebSocket can come back with nothing lost.
     * Default 60 s; 0: it cannot.
     */
    public Builder resumeTimeout(Duration timeout) {
      resumeTimeout = notNegative(timeout, "resume timeout");
      return this;
    }

    /**
     * When a silent agent or caller counts as gone: after {@code idle} it is asked, after {@code
     * timeout} more it is. Default 15 s and 10 s.
     */
    public Builder heartbeat(Duration idle, Duration timeout) {
      heartbeatIdle = positive(idle, "heartbeat idle time");
      heartbeatTimeout = positive(timeout, "heartbeat timeout");
      return this;
    }

    /** How many agents may be there; further ones are answered with 503. Default 10,000. */
    public Builder maxAgents(int count) {
      if (count <= 0 || count > 100_000) {
        throw new IllegalArgumentException("expected 1 to 100,000 as maxAgents, but got " + count);
      }
      maxAgents = count;
      return this;
    }

    /**
     * Is told of each public request that is over, on one of the relay's threads: must not block.
     * May be called several times, for several.
     */
    public Builder onRequest(Consumer<? super RequestRecord> listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /**
     * Proxies in front of the relay: what they say in {@code X-Forwarded-*} about the client is
     * taken; what anybody else says is replaced. Default: none.
     */
    public Builder trustedProxies(Predicate<InetAddress> which) {
      trustedProxies = Objects.requireNonNull(which, "which");
      return this;
    }

    /**
     * Who may use each name by public HTTP. It stays the caller's, to be closed after the relay.
     * Default: everybody may use every name.
     */
    public Builder publicAccess(PublicAccess access) {
      publicAccess = Objects.requireNonNull(access, "access");
      return this;
    }

    /** For tests: serves public requests instead. */
    Builder publicHttp(Function<Agents, Handler> makes) {
      publicHttp = makes;
      return this;
    }

    /**
     * A relay that is not started yet.
     *
     * @throws IllegalArgumentException if an address is open to others and there are no credentials
     */
    public Relay build() {
      if (credentials == null) {
        onLoopback(address, "address");
        onLoopback(agentAddress, "agent address");
        onLoopback(adminAddress, "admin address");
      }
      return new Relay(
          new RelaySettings(
              address,
              Optional.ofNullable(agentAddress),
              Optional.ofNullable(adminAddress),
              domain,
              defaultName,
              tls,
              tlsLook,
              credentials,
              agentWait,
              resumeTimeout,
              heartbeatIdle,
              heartbeatTimeout,
              maxAgents,
              List.copyOf(listeners),
              trustedProxies,
              publicAccess,
              publicHttp));
    }

    private static void onLoopback(InetSocketAddress address, String what) {
      if (address != null && !isLoopback(address)) {
        throw new IllegalArgumentException(
            "the "
                + what
                + " "
                + address.getHostString()
                + " can be reached from other machines, and without credentials everybody there"
                + " could serve and call: set credentials (culvert relay: --token-file), or listen"
                + " on 127.0.0.1");
      }
    }

    private static InetSocketAddress resolved(InetSocketAddress address) {
      if (address.isUnresolved()) {
        throw new IllegalArgumentException("unknown host: " + address.getHostString());
      }
      return address;
    }

    private static Duration notNegative(Duration time, String what) {
      if (time.isNegative()) {
        throw new IllegalArgumentException("the " + what + " must not be negative: " + time);
      }
      return time;
    }

    private static Duration positive(Duration time, String what) {
      if (time.isNegative() || time.isZero()) {
        throw new IllegalArgumentException("the " + what + " must be positive: " + time);
      }
      return time;
    }
  }
}
