package io.culvert.relay.route;

/**
 * What became of a connection after its last request was answered with 101.
 *
 * @param received bytes from the client that the agent's stream has taken
 * @param sent bytes that the client has taken
 * @param code of the problem that cut it short; empty if none, or if the client did
 */
public record Upgraded(long received, long sent, String code) {}
