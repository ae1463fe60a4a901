package io.culvert.relay.route;

import java.util.Set;

/** Knows who serves what. Thread-safe. */
public interface Agents {

  /**
   * The agent that a request for the name goes to: of those that are attached and healthy, the one
   * with the fewest exchanges outstanding.
   *
   * @param but agents that have been tried already
   */
  Choice choose(String name, Set<AgentLink> but);

  /**
   * Runs {@code action} once, when {@link #choose} may have become better for the name: an agent
   * has come, or is attached again. It runs elsewhere and must not block.
   *
   * @return cancels it; idempotent
   */
  Runnable whenChanged(String name, Runnable action);

  /** The answer to {@link #choose}. */
  sealed interface Choice {}

  /** This agent. */
  record Found(AgentLink agent) implements Choice {}

  /** None is attached now, but some were, not long ago: worth waiting for. */
  record Away() implements Choice {}

  /** All agents there are have been tried. */
  record Exhausted() implements Choice {}

  /** Nobody serves this name, and nobody did for some time. */
  record Unknown() implements Choice {}
}
