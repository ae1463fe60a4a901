package io.culvert.relay.http;

/**
 * What became of one request.
 *
 * @param id what the service got as {@code X-Request-Id}
 * @param name the name that it was for
 * @param agentId the agent that it went to last; null if to none
 * @param method the method
 * @param path the path as it came, without the query, which may hold secrets
 * @param status the status of the answer; 499 if the client left before there was one
 * @param code of the {@link Problem} that it ended with, also one that the client could not be told
 *     any more; null if it ended well
 * @param received bytes of the request's body that came from the client
 * @param sent bytes of the response's body that went to the client; both count what passes after an
 *     upgrade
 * @param nanos how long it took
 * @param remote the client's address as {@link org.eclipse.jetty.server.Request#getRemoteAddr}
 *     gives it
 */
public record RequestRecord(
    String id,
    String name,
    String agentId,
    String method,
    String path,
    int status,
    String code,
    long received,
    long sent,
    long nanos,
    String remote) {}
