package io.culvert.relay;

import io.culvert.relay.access.Credentials;
import io.culvert.relay.access.PublicAccess;
import io.culvert.relay.route.Agents;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Handler;

/**
 * What a {@link Relay} was built with.
 *
 * @param agentAddress empty if agents come to {@code address}
 * @param domain null for none
 * @param defaultName null for none
 * @param tls null for none
 * @param credentials null: everybody on this machine may do everything
 * @param trustedProxies whose word on the client is taken
 * @param publicAccess who may use a name by public HTTP
 * @param publicHttp for tests: serves public requests; null for what does so otherwise
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
    Predicate<InetAddress> trustedProxies,
    PublicAccess publicAccess,
    Function<Agents, Handler> publicHttp) {}
