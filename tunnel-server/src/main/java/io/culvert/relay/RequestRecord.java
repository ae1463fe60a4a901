package io.culvert.relay;

import java.time.Duration;
import java.time.Instant;

/**
 * One public request that is over. Immutable. Holds no header, no query and no body: those may hold
 * secrets.
 *
 * @param id as in the answer of a failure
 * @param time when its head had arrived
 * @param name the name that it was for; empty if for none
 * @param agentId the agent that it has gone to last; empty if to none
 * @param connectionId that agent's connection; empty if there is none
 * @param method as sent; may be any word
 * @param host as sent, without a port; empty if there is none
 * @param path as sent, without its query
 * @param status of the answer; 0 if there was none
 * @param duration from {@code time} until everything was sent and received
 * @param received bytes of the request's body
 * @param sent bytes of the answer's body
 * @param remote the address of who has asked
 */
public record RequestRecord(
    String id,
    Instant time,
    String name,
    String agentId,
    String connectionId,
    String method,
    String host,
    String path,
    int status,
    Duration duration,
    long received,
    long sent,
    String remote) {}
