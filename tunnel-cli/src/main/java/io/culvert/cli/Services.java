package io.culvert.cli;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * What the commands run, once their options are understood. Each method returns the exit status
 * when the service has ended.
 *
 * @see CliException what each method throws if it cannot run
 */
interface Services {

  /** Runs a relay. */
  int relay(RelaySettings settings);

  /**
   * Runs an agent.
   *
   * @param screen where to show it live; empty for nowhere
   */
  int agent(AgentSettings settings, Optional<Terminal> screen);

  /** Runs a bridge. */
  int connect(DialSettings settings, InetSocketAddress listen);
}
