package io.culvert.cli;

import java.net.InetSocketAddress;
import java.util.Optional;

/** The relay, the agent and the bridge of the libraries. */
final class LiveServices implements Services {

  @Override
  public int relay(RelaySettings settings) {
    throw CliException.failed("this build has no relay", null);
  }

  @Override
  public int agent(AgentSettings settings, Optional<Terminal> screen) {
    throw CliException.failed("this build has no agent", null);
  }

  @Override
  public int connect(DialSettings settings, InetSocketAddress listen) {
    throw CliException.failed("this build has no bridge", null);
  }
}
