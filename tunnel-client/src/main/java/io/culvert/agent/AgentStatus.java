package io.culvert.agent;

import java.time.Duration;
import java.time.Instant;

/**
 * How an agent is, at one moment.
 *
 * @param connected whether it has a WebSocket to its relay now
 * @param since when it last connected, or lost its WebSocket; null before it first connected
 * @param url the public URL of its name; empty if there is none, or it is not known yet
 * @param roundTrip to the relay and back; zero if it was not measured
 * @param reconnects how often it has connected or resumed after the first time
 * @param health what the last check of the upstream found
 * @param reason why the upstream is unhealthy; empty if it is not
 * @param streams that have come since the start
 * @param openStreams that are joined with the upstream now, or about to be
 * @param requests that {@link Agent.Builder#onRequest} was told
 */
public record AgentStatus(
    boolean connected,
    Instant since,
    String url,
    Duration roundTrip,
    long reconnects,
    Health health,
    String reason,
    long streams,
    int openStreams,
    long requests) {

  /** Whether the upstream answers. */
  public enum Health {
    /** It is not checked, or was not yet. */
    UNKNOWN,
    HEALTHY,
    UNHEALTHY
  }
}
