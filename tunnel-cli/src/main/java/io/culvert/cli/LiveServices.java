package io.culvert.cli;

import java.net.InetSocketAddress;
import java.util.Optional;

/** The relay, the agent and the bridge of the libraries. */
final class LiveServices implements Services {

  @Override
  public int relay(RelaySettings settings) {
    return LiveRelay.run(settings, Lifetime.ofProcess());
  }

  @Override
  public int agent(AgentSettings settings, Optional<Terminal> screen) {
    return LiveAgent.run(settings, screen, Lifetime.ofProcess());
  }

  @Override
  public int connect(DialSettings settings, InetSocketAddress listen) {
    return LiveBridge.run(settings, listen, Lifetime.ofProcess());
  }
}
