package io.culvert.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What an agent's screen shows at one moment. Immutable.
 *
 * @param url the public URL; empty while it is not known
 * @param upstream what is served, and whether it is healthy
 * @param state what the connection is doing, in a few words
 * @param connected whether requests can come in now
 * @param since when the state began
 * @param roundTrip to the relay; zero if not known
 * @param reconnects how often the WebSocket was replaced
 * @param total requests that are over
 * @param p50 milliseconds within which half of the latest requests were done
 * @param p90 milliseconds within which nine of ten were
 * @param latest the latest requests, the newest first
 */
record ScreenState(
    String name,
    String url,
    String relay,
    String upstream,
    String state,
    boolean connected,
    Instant since,
    Duration roundTrip,
    long reconnects,
    long total,
    double p50,
    double p90,
    List<Request> latest) {

  /**
   * One request that is over.
   *
   * @param status 0 if there was no answer
   */
  record Request(Instant at, String method, String path, int status, double millis) {}
}
