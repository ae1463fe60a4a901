package io.culvert.cli;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A relay as the options describe it.
 *
 * @param address where public HTTP comes in
 * @param agentAddress where agents come in; empty for the same
 * @param adminAddress where status and metrics are; empty for nowhere
 * @param tlsCert present if and only if {@code tlsKey} is
 * @param tokenFile empty, as {@code jwt}, if everybody may be an agent
 */
record RelaySettings(
    InetSocketAddress address,
    Optional<InetSocketAddress> agentAddress,
    Optional<InetSocketAddress> adminAddress,
    String domain,
    Optional<String> defaultName,
    Optional<Path> tlsCert,
    Optional<Path> tlsKey,
    Optional<Path> tokenFile,
    Optional<JwtSettings> jwt,
    Optional<Path> accessFile,
    List<String> trustedProxies,
    Duration agentWait,
    Duration resumeTimeout,
    Duration heartbeat) {

  /** Whether everybody who reaches it may be an agent. */
  boolean open() {
    return tokenFile.isEmpty() && jwt.isEmpty();
  }
}
