package io.culvert.relay;

import io.culvert.SocketConnection;
import io.culvert.relay.route.Traffic;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;

/** One caller, from its handshake to its end. Thread-safe. */
final class Caller {
  private final CallerClaim claim;
  private final SocketConnection connection;
  private final Instant since = Instant.now();
  private final Traffic traffic = new Traffic();
  private final AtomicInteger outstanding = new AtomicInteger();

  Caller(CallerClaim claim, SocketConnection connection) {
    this.claim = claim;
    this.connection = connection;
  }

  /** What its upgrade has said. */
  CallerClaim claim() {
    return claim;
  }

  SocketConnection connection() {
    return connection;
  }

  Instant since() {
    return since;
  }

  /** Of its streams that are over. */
  Traffic traffic() {
    return traffic;
  }

  /** Its streams that are not. */
  AtomicInteger outstanding() {
    return outstanding;
  }
}
