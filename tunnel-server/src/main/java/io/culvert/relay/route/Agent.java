package io.culvert.relay.route;

import io.culvert.connection.Delivered;
import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.relay.access.Scope;
import io.culvert.rendezvous.Rendezvous;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** One agent of a name, with what {@link Names} and those who report on it need. Thread-safe. */
public final class Agent implements AgentLink {
  private final AgentClaim claim;
  private final AgentConnection connection;
  private final Traffic traffic = new Traffic();
  private final Instant since = Instant.now();
  private final Scope scope;
  private final AtomicInteger outstanding = new AtomicInteger();
  private volatile Health health = Health.UNTIL_TOLD_OTHERWISE;
  private volatile boolean ended;

  /**
   * @param connection its, established
   */
  public Agent(AgentClaim claim, AgentConnection connection) {
    this.claim = claim;
    this.connection = connection;
    this.scope = Scope.serve(claim.name());
  }

  /** What its upgrade has said. */
  public AgentClaim claim() {
    return claim;
  }

  @Override
  public String name() {
    return claim.name();
  }

  @Override
  public String identity() {
    return claim.grant().identity();
  }

  @Override
  public String agentId() {
    return claim.agentId();
  }

  @Override
  public StreamConnection connection() {
    return connection.streams();
  }

  @Override
  public boolean h2c() {
    return claim.h2c();
  }

  @Override
  public Optional<String> hostHeader() {
    return claim.hostHeader();
  }

  @Override
  public boolean attached() {
    return !ended && connection.attached();
  }

  @Override
  public boolean ended() {
    return ended || !mayServe();
  }

  /** Whether its credential still allows it to serve its name. */
  public boolean mayServe() {
    return claim.grant().allows(scope);
  }

  @Override
  public TunnelStream open(String purpose, Duration timeout) throws IOException {
    if (!mayServe()) {
      throw new TunnelException(
          ErrorCode.FORBIDDEN,
          Delivered.NO,
          "the agent's right to serve " + name() + " has ended",
          null);
    }
    return connection
        .streams()
        .open(Map.of(Rendezvous.NAME, name(), Rendezvous.PURPOSE, purpose), timeout);
  }

  @Override
  public void began() {
    outstanding.incrementAndGet();
  }

  @Override
  public void finished() {
    outstanding.decrementAndGet();
  }

  @Override
  public int outstanding() {
    return outstanding.get();
  }

  /** When its handshake was done. */
  public Instant since() {
    return since;
  }

  /** What it has carried. */
  public Traffic traffic() {
    return traffic;
  }

  /** What it says about its upstream. */
  public Health health() {
    return health;
  }

  void health(Health said) {
    health = said;
  }

  /** It is no agent of its name any more. */
  void end() {
    ended = true;
  }

  void close(ErrorCode code, String reason) {
    connection.close(code, reason);
  }

  @Override
  public String toString() {
    return "agent " + agentId() + " of " + name();
  }
}
