package io.culvert.agent;

import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.client.TunnelClient;
import io.culvert.rendezvous.Rendezvous;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

/**
 * Serves a name at a relay with one upstream: the private side of docs/relay.md. Dials the relay
 * for as long as it takes, from the start and after every break. Thread-safe; whoever started it
 * closes it.
 */
public final class Agent implements AutoCloseable {
  /** How long {@link #close()} lets running exchanges finish. */
  public static final Duration CLOSE_TIMEOUT = SocketConnection.CLOSE_TIMEOUT;

  private final UpstreamConnector connector;
  private final Splicing splicing;
  private final SocketConnection connection;
  private final Reports reports;
  private final HealthCheck healthCheck;
  private final Consumer<? super ConnectionEvent> onEvent;
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  /** Guarded by this. */
  private boolean connected;

  /** Guarded by this: when {@link #connected} changed; null before. */
  private Instant since;

  private boolean released;

  /** Guarded by this: how often it became connected. */
  private long connects;

  private Agent(Builder builder) {
    TunnelClient client = builder.client.onEvent(this::event).onGivenUp(this::givenUp).build();
    connector = new UpstreamConnector(builder.upstream);
    splicing = new Splicing(builder.name, builder.maxStreams, connector);
    onEvent = builder.onEvent;
    // What the connection tells comes on other threads, and finds everything in its place.
    synchronized (this) {
      connection = client.begin();
      reports = new Reports(connection, builder.onRequest);
      healthCheck =
          builder.healthInterval == null
              ? null
              : new HealthCheck(connector, builder.healthInterval, reports::checked);
    }
    connection.streams().streamHandler(splicing::onStream);
    if (healthCheck != null) {
      healthCheck.check();
    }
  }

  /**
   * Settings of an agent.
   *
   * @param relayUrl {@code ws://host:port} or {@code wss://host}
   * @param name one label of a host name in lower case
   * @throws IllegalArgumentException if the URL or the name is none
   */
  public static Builder builder(String relayUrl, String name, Upstream upstream) {
    return new Builder(relayUrl, name, upstream);
  }

  private void event(ConnectionEvent event) {
    switch (event.type()) {
      case RECEIVED -> {
        connected(true);
        reports.connected();
      }
      case RESUMED -> connected(true);
      case DETACHED, CLOSED, FAILED -> connected(false);
    }
    onEvent.accept(event);
  }

  private synchronized void connected(boolean now) {
    if (connected != now) {
      connected = now;
      since = Instant.now();
      connects += now ? 1 : 0;
    }
  }

  private void givenUp(IOException why) {
    end.completeExceptionally(RelayRefusedException.of(why));
    new Thread(this::release, "culvert-agent-closer").start();
  }

  /** How it is now. */
  public AgentStatus status() {
    HealthCheck.Result health = reports.health();
    AgentStatus.Health known =
        health == null
            ? AgentStatus.Health.UNKNOWN
            : health.healthy() ? AgentStatus.Health.HEALTHY : AgentStatus.Health.UNHEALTHY;
    boolean ever;
    synchronized (this) {
      ever = connects > 0;
    }
    Duration roundTrip = ever ? connection.roundTrip() : Duration.ZERO;
    synchronized (this) {
      return new AgentStatus(
          connected,
          since,
          reports.url(),
          roundTrip,
          Math.max(0, connects - 1),
          known,
          health == null ? "" : health.reason(),
          splicing.opened(),
          splicing.open(),
          reports.requests());
    }
  }

  /**
   * Waits until the agent has ended: returns when it was closed.
   *
   * @throws RelayRefusedException if the relay does not want it, or dialing was given up
   */
  public void awaitEnd() throws InterruptedException, RelayRefusedException {
    try {
      end.get();
    } catch (ExecutionException e) {
      throw (RelayRefusedException) e.getCause();
    }
  }

  /** {@link #close(Duration)} with {@link #CLOSE_TIMEOUT}. */
  @Override
  public void close() {
    close(CLOSE_TIMEOUT);
  }

  /**
   * Takes no more streams, lets those there are finish for at most {@code timeout}, then ends the
   * connection and every thread. Idempotent.
   */
  public void close(Duration timeout) {
    splicing.stop();
    if (healthCheck != null) {
      healthCheck.close();
    }
    reports.close();
    connection.close(timeout);
    release();
    end.complete(null);
  }

  private synchronized void release() {
    if (!released) {
      released = true;
      if (healthCheck != null) {
        healthCheck.close();
      }
      reports.close();
      connector.close();
    }
  }

  /** Settings of an {@link Agent}. Not thread-safe. */
  public static final class Builder extends RelayDialBuilder<Builder> {
    private final String name;
    private final Upstream upstream;
    private String agentId;
    private int maxStreams = 1_000;
    private Duration healthInterval;
    private Consumer<? super RequestSeen> onRequest;

    private Builder(String relayUrl, String name, Upstream upstream) {
      super(TunnelClient.builder(relayUrl).header(Rendezvous.SERVE, name));
      if (!Rendezvous.isName(name)) {
        throw new IllegalArgumentException(
            "expected a name of lower-case letters, digits and hyphens, at most 63, but got '"
                + name
                + "'");
      }
      this.name = name;
      this.upstream = Objects.requireNonNull(upstream, "upstream");
    }

    @Override
    protected Builder self() {
      return this;
    }

    /**
     * Which of the agents of its name it is; a later one takes the place of an earlier one with the
     * same. Default: made from the host's name, the name and the upstream.
     *
     * @throws IllegalArgumentException unless it is 1 to 64 of {@code A-Za-z0-9._-}
     */
    public Builder agentId(String id) {
      if (!Rendezvous.isAgentId(id)) {
        throw new IllegalArgumentException(
            "expected an agent id of 1 to 64 letters, digits, '.', '_' and '-', but got '"
                + id
                + "'");
      }
      agentId = id;
      return this;
    }

    /** What the relay is to send as Host. Default: what the client has sent. */
    public Builder hostHeader(String value) {
      client.header(Rendezvous.HOST_HEADER, value);
      return this;
    }

    /** The most streams at once; one more is refused, and the relay may try another agent. */
    public Builder maxStreams(int most) {
      if (most < 1) {
        throw new IllegalArgumentException("at least one stream is needed, but got " + most);
      }
      maxStreams = most;
      return this;
    }

    /**
     * Connects the upstream this often, and tells the relay when it stops or begins to take
     * connections. Default: never.
     */
    public Builder healthCheck(Duration interval) {
      if (interval.isNegative() || interval.isZero()) {
        throw new IllegalArgumentException("the interval must be positive: " + interval);
      }
      healthInterval = interval;
      return this;
    }

    /** Hears of each request to this agent when it is over, one at a time. */
    public Builder onRequest(Consumer<? super RequestSeen> consumer) {
      onRequest = Objects.requireNonNull(consumer, "consumer");
      return this;
    }

    /**
     * Begins to dial, and returns at once. To be called once.
     *
     * @throws IllegalArgumentException if the settings do not fit together
     */
    public Agent start() {
      client.header(Rendezvous.AGENT_ID, agentId == null ? AgentIds.of(name, upstream) : agentId);
      client.header(
          Rendezvous.UPSTREAM_PROTOCOL, upstream.h2c() ? Rendezvous.H2C : Rendezvous.HTTP_1);
      return new Agent(this);
    }
  }
}
