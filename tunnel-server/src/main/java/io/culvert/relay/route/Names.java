package io.culvert.relay.route;

import io.culvert.frame.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Which agents serve which name. A name belongs to one identity as long as one agent of it is
 * there, with or without a WebSocket; of those with the same id the latest counts. Thread-safe.
 */
public final class Names implements Agents {
  /** How long a name whose last agent has gone is worth waiting for. */
  static final Duration MEMORY = Duration.ofMinutes(10);

  /** How many such names are remembered; of more, those that went first are forgotten. */
  static final int MAX_REMEMBERED = 10_000;

  /** Whether an agent may serve the name that it wants. */
  public enum Verdict {
    /** It may. */
    WELCOME,
    /** Another identity serves the name. */
    TAKEN,
    /** There are as many agents as there may be. */
    FULL
  }

  /** The agents of one name. Its map is guarded by the registry's lock. */
  private static final class Served {
    final String identity;
    final Map<String, Agent> byId = new LinkedHashMap<>();

    /** A copy of the map's values, for those who do not have the lock. */
    volatile List<Agent> agents = List.of();

    /** So that agents that are equally busy take turns. */
    final AtomicInteger turn = new AtomicInteger();

    Served(String identity) {
      this.identity = identity;
    }
  }

  private final int maxAgents;
  private final Executor executor;
  private final LongSupplier clock;

  /** Changed under the lock only. */
  private final ConcurrentHashMap<String, Served> served = new ConcurrentHashMap<>();

  private final Object lock = new Object();

  /** Guarded by lock: how many agents there are. */
  private int count;

  /** Guarded by lock: names without an agent and when they lost the last one, oldest first. */
  private final Map<String, Long> remembered = new LinkedHashMap<>();

  /** Guarded by lock: who is to be told that a name has changed; each is bounded by its owner. */
  private final Map<String, Set<Waiter>> waiting = new HashMap<>();

  /** One call of {@link #whenChanged}: equal to itself only. */
  private static final class Waiter {
    final Runnable action;

    Waiter(Runnable action) {
      this.action = action;
    }
  }

  /**
   * @param maxAgents how many agents there may be in all
   * @param executor runs the actions of {@link #whenChanged}
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  public Names(int maxAgents, Executor executor, LongSupplier clock) {
    this.maxAgents = maxAgents;
    this.executor = executor;
    this.clock = clock;
  }

  /** What {@link #join} would say now; keeps nothing. */
  public Verdict claim(AgentClaim claim) {
    synchronized (lock) {
      return verdict(claim);
    }
  }

  /** Lock held. */
  private Verdict verdict(AgentClaim claim) {
    Served there = served.get(claim.name());
    if (there != null && !there.identity.equals(claim.grant().identity())) {
      return Verdict.TAKEN;
    }
    boolean replaces = there != null && there.byId.containsKey(claim.agentId());
    return replaces || count < maxAgents ? Verdict.WELCOME : Verdict.FULL;
  }

  /**
   * An agent has done its handshake: with {@link Verdict#WELCOME} it serves its name from here on,
   * until {@link #leave}, and the agent with the same id, if there is one, is closed with {@link
   * ErrorCode#REPLACED}. Else nothing has changed.
   */
  public Verdict join(Agent agent) {
    Agent replaced;
    synchronized (lock) {
      Verdict verdict = verdict(agent.claim());
      if (verdict != Verdict.WELCOME) {
        return verdict;
      }
      Served to = served.get(agent.name());
      if (to == null) {
        to = new Served(agent.identity());
        served.put(agent.name(), to);
      }
      replaced = to.byId.put(agent.agentId(), agent);
      to.agents = List.copyOf(to.byId.values());
      if (replaced == null) {
        count++;
      } else {
        replaced.end();
      }
      remembered.remove(agent.name());
    }
    if (replaced != null) {
      replaced.close(
          ErrorCode.REPLACED, "another agent with the id " + agent.agentId() + " has come");
    }
    changed(agent.name());
    return Verdict.WELCOME;
  }

  /** An agent has ended. Does nothing if another one has taken its place. */
  public void leave(Agent agent) {
    synchronized (lock) {
      agent.end();
      Served from = served.get(agent.name());
      if (from == null || !from.byId.remove(agent.agentId(), agent)) {
        return;
      }
      count--;
      from.agents = List.copyOf(from.byId.values());
      if (from.byId.isEmpty()) {
        served.remove(agent.name());
        if (agent.mayServe()) {
          remember(agent.name());
        }
      }
    }
  }

  /** Lock held. */
  private void remember(String name) {
    remembered.remove(name);
    remembered.put(name, clock.getAsLong());
    Iterator<Long> oldest = remembered.values().iterator();
    while (forgotten(oldest.next()) || remembered.size() > MAX_REMEMBERED) {
      oldest.remove(); // ends before the name that was just put
    }
  }

  private boolean forgotten(long since) {
    return clock.getAsLong() - since >= MEMORY.toNanos();
  }

  /** What the agent says about its upstream. */
  public void health(Agent agent, Health said) {
    boolean better = said.healthy() && !agent.health().healthy();
    agent.health(said);
    if (better) {
      changed(agent.name());
    }
  }

  /** Ends every agent whose credential does not allow it to serve its name any more. */
  public void endForbidden() {
    all().forEach(this::endForbidden);
  }

  /** Ends this agent if its credential does not allow it to serve its name any more. */
  public void endForbidden(Agent agent) {
    if (!agent.mayServe()) {
      leave(agent);
      agent.close(ErrorCode.FORBIDDEN, "the right to serve " + agent.name() + " has ended");
    }
  }

  /** All agents that are there; a copy. */
  public List<Agent> all() {
    return served.values().stream().flatMap(name -> name.agents.stream()).toList();
  }

  @Override
  public Choice choose(String name, Set<AgentLink> but) {
    Served there = served.get(name);
    if (there == null) {
      return awayOrUnknown(name);
    }
    Agent best = null;
    boolean tried = false;
    List<Agent> agents = there.agents;
    int first = there.turn.getAndIncrement();
    for (int i = 0; i < agents.size(); i++) {
      Agent agent = agents.get(Math.floorMod(first + i, agents.size()));
      if (!agent.attached() || agent.ended()) {
        continue;
      }
      if (but.contains(agent)) {
        tried = true;
      } else if (best == null || better(agent, best)) {
        best = agent;
      }
    }
    if (best != null) {
      return new Found(best);
    }
    return tried ? new Exhausted() : new Away();
  }

  private static boolean better(Agent one, Agent other) {
    boolean healthy = one.health().healthy();
    return healthy == other.health().healthy() ? one.outstanding() < other.outstanding() : healthy;
  }

  private Choice awayOrUnknown(String name) {
    synchronized (lock) {
      Long since = remembered.get(name);
      boolean away = served.containsKey(name) || (since != null && !forgotten(since));
      return away ? new Away() : new Unknown();
    }
  }

  /**
   * {@inheritDoc}
   *
   * <p>What happened before the call does not count: look again after it.
   */
  @Override
  public Runnable whenChanged(String name, Runnable action) {
    Waiter waiter = new Waiter(action);
    synchronized (lock) {
      waiting.computeIfAbsent(name, n -> new LinkedHashSet<>()).add(waiter);
    }
    return () -> cancel(name, waiter);
  }

  private void cancel(String name, Waiter waiter) {
    synchronized (lock) {
      Set<Waiter> waiters = waiting.get(name);
      if (waiters != null && waiters.remove(waiter) && waiters.isEmpty()) {
        waiting.remove(name);
      }
    }
  }

  /** An agent of the name takes streams that did not: it has come, or has a WebSocket again. */
  public void changed(String name) {
    List<Waiter> told;
    synchronized (lock) {
      Set<Waiter> waiters = waiting.remove(name);
      told = waiters == null ? List.of() : new ArrayList<>(waiters);
    }
    told.forEach(waiter -> executor.execute(waiter.action));
  }

  /** How many calls of {@link #whenChanged} wait. */
  int waiters() {
    synchronized (lock) {
      return waiting.values().stream().mapToInt(Set::size).sum();
    }
  }
}
