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
 * @param status of the answer; 499 if who has asked left before there was one, 0 if there was none
 * @param code of the problem that it ended with, also one that the client could not be told any
 *     more; empty if it ended well
 * @param duration from {@code time} until everything was sent and received
 * @param received bytes of the request's body, and of what came after an upgrade
 * @param sent bytes of the answer's body, and of what went after an upgrade
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
    String code,
    Duration duration,
    long received,
    long sent,
    String remote) {}
