package io.culvert.connection;

import java.time.Duration;

/**
 * A connection has a WebSocket again.
 *
 * @param outage how long it had none
 * @param packets how many packets this side sends again
 * @param bytes the bytes of these
 */
public record Resumption(Duration outage, int packets, long bytes) {}
