package io.culvert.relay.access;

import java.util.Optional;

/** Knows the bearer tokens of agents, callers and operators. Thread-safe. */
public interface Credentials extends AutoCloseable {

  /** What the token stands for; empty if it is unknown. Does not block. Keeps no copy of it. */
  Optional<Grant> grant(String bearerToken);

  /**
   * Runs after grants may have ended, because what they were read from has changed or time has
   * passed; on a thread of the implementation, and must not block for long.
   */
  void onChange(Runnable listener);

  /** Ends the watching of files and all threads. Idempotent. */
  @Override
  void close();
}
