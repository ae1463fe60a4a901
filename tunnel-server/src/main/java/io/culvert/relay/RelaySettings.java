package io.culvert.relay;

import io.culvert.relay.access.Credentials;
import io.culvert.relay.route.Agents;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.eclipse.jetty.server.Handler;

/**
 * What a {@link Relay} was built with.
 *
 * @param agentAddress empty if agents come to {@code address}
 * @param domain null for none
 * @param defaultName null for none
 * @param tls null for none
 * @param credentials null: everybody on this machine may do everything
 * @param publicHttp makes what serves public requests
 * @param joint passes a caller's bytes on
 */
record RelaySettings(
    InetSocketAddress address,
    Optional<InetSocketAddress> agentAddress,
    Optional<InetSocketAddress> adminAddress,
    String domain,
    String defaultName,
    TlsFiles tls,
    Duration tlsLook,
    Credentials credentials,
    Duration agentWait,
    Duration resumeTimeout,
    Duration heartbeatIdle,
    Duration heartbeatTimeout,
    int maxAgents,
    List<Consumer<? super RequestRecord>> listeners,
    Function<Agents, Handler> publicHttp,
    Bridge.Joint joint) {}
