package io.culvert.relay.route;

import io.culvert.relay.access.Grant;
import java.util.Optional;

/**
 * What the upgrade of an agent has said, parsed once: all routing and all authorising is by these
 * values.
 *
 * @param name the name that it wants to serve
 * @param agentId which of the agents of the name and the grant's identity it is
 * @param grant what its credential stands for
 * @param h2c whether its upstream speaks HTTP/2 without TLS, instead of HTTP/1.1
 * @param hostHeader what is to be sent as Host; empty for what the client has sent
 */
public record AgentClaim(
    String name, String agentId, Grant grant, boolean h2c, Optional<String> hostHeader) {}
