package io.culvert.agent;

/**
 * A request that went to this agent and is over, as its relay saw it.
 *
 * @param id the request id
 * @param time when it came, ISO-8601
 * @param path as the client sent it, with its query
 * @param millis how long it took
 * @param received bytes of the request's body
 * @param sent bytes of the response's body
 * @param remote the client's address
 * @param missed how many before this one were not told, because nobody read fast enough
 */
public record RequestSeen(
    String id,
    String time,
    String method,
    String path,
    int status,
    long millis,
    long received,
    long sent,
    String remote,
    long missed) {}
