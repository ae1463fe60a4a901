package io.culvert.relay.access;

import java.net.InetAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * How often a client may show a wrong credential: {@link #MOST} times in a minute. One client is an
 * IPv4 address, or a /64 of IPv6 addresses, which is what one subscriber has. Thread-safe.
 */
final class FailureLimit {
  static final int MOST = 10;
  static final Duration WINDOW = Duration.ofMinutes(1);

  /** Beyond them, those that were not heard of for longest are forgotten. */
  static final int MAX_CLIENTS = 10_000;

  /** All whose address is not known count as one. */
  private static final IpRange NOWHERE = IpRange.parse("0.0.0.0");

  private record Failures(int count, long since) {}

  private final LongSupplier nanos;

  /** In the order of the last failures. Guarded by this. */
  private final Map<IpRange, Failures> clients =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<IpRange, Failures> eldest) {
          return size() > MAX_CLIENTS;
        }
      };

  FailureLimit(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Who counts as one with this client. */
  static IpRange group(Optional<InetAddress> client) {
    return client.map(address -> IpRange.around(address, 32, 64)).orElse(NOWHERE);
  }

  /** How long the client has to wait before its next attempt; empty if it need not. */
  synchronized Optional<Duration> blockedFor(IpRange client) {
    Failures failures = clients.get(client);
    if (failures == null || failures.count() < MOST) {
      return Optional.empty();
    }
    long left = failures.since() + WINDOW.toNanos() - nanos.getAsLong();
    return left > 0 ? Optional.of(Duration.ofNanos(left)) : Optional.empty();
  }

  synchronized void failed(IpRange client) {
    long now = nanos.getAsLong();
    clients.compute(
        client,
        (key, before) ->
            before == null || now - before.since() >= WINDOW.toNanos()
                ? new Failures(1, now)
                : new Failures(before.count() + 1, before.since()));
  }

  synchronized int size() {
    return clients.size();
  }
}
