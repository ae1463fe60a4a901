package io.culvert.swaggersocket;

import java.util.ArrayDeque;

/**
 * When a WebSocket ping is due, and when its silence means that the peer is dead.
 *
 * <p>Peers of this protocol answer pings only while they read, and many read only in the middle of
 * an exchange. So silence is held against a peer only while no exchange is under way, and only once
 * it has answered a ping that was sent and answered without an exchange in between. Every ping
 * keeps the way open, and makes a dead socket fail to write. Not thread-safe.
 */
final class SwaggerHeartbeat {

  /** What the time that has passed means. */
  enum Verdict {
    ALIVE,
    PING_DUE,
    DEAD
  }

  /** More are not remembered: a peer that reads nothing gets pings for ever. */
  private static final int MAX_UNANSWERED = 16;

  /**
   * A ping that is on its way.
   *
   * @param exchange how many exchanges had begun before; -1 if one was under way
   */
  private record Ping(long sentAt, long exchange) {}

  private final long idleNanos;
  private final long timeoutNanos;
  private final ArrayDeque<Ping> unanswered = new ArrayDeque<>();

  private boolean underWay;

  /** Exchanges that have begun. */
  private long exchanges;

  /** When the next ping is due, unless something is received before. */
  private long pingAt;

  /** When the first ping went out of those since the latest sign of life; null before it has. */
  private Long askedAt;

  private boolean answersWhileIdle;
  private long roundTripNanos;

  /**
   * @param idleNanos without anything received before a ping; 0 switches all of this off
   * @param timeoutNanos for the answer of a peer that is known to answer
   */
  SwaggerHeartbeat(long idleNanos, long timeoutNanos, long now) {
    this.idleNanos = idleNanos;
    this.timeoutNanos = timeoutNanos;
    this.pingAt = now + idleNanos;
  }

  /** Something was received. */
  void life(long now) {
    pingAt = now + idleNanos;
    askedAt = null;
  }

  /** Says whether an exchange is under way; may be repeated. */
  void exchange(boolean isUnderWay, long now) {
    if (isUnderWay != underWay) {
      underWay = isUnderWay;
      exchanges += isUnderWay ? 1 : 0;
      // A peer may read on for a moment after an exchange: what it answers then proves nothing.
      life(now);
    }
  }

  /** The verdict; after {@code PING_DUE} a ping is taken for sent. */
  Verdict check(long now) {
    if (idleNanos == 0) {
      return Verdict.ALIVE;
    }
    if (judges() && now - askedAt >= timeoutNanos) {
      return Verdict.DEAD;
    }
    if (now - pingAt < 0) {
      return Verdict.ALIVE;
    }
    pinged(now);
    return Verdict.PING_DUE;
  }

  private boolean judges() {
    return answersWhileIdle && !underWay && askedAt != null;
  }

  private void pinged(long now) {
    if (unanswered.size() == MAX_UNANSWERED) {
      unanswered.remove();
    }
    unanswered.add(new Ping(now, underWay ? -1 : exchanges));
    pingAt = now + idleNanos;
    if (askedAt == null) {
      askedAt = now;
    }
  }

  /**
   * A pong has come.
   *
   * @return the round trip in nanoseconds; -1 if it answers nothing
   */
  long ponged(long now) {
    life(now);
    Ping ping = unanswered.poll();
    if (ping == null) {
      return -1;
    }
    if (!underWay && ping.exchange() == exchanges) {
      answersWhileIdle = true;
    }
    roundTripNanos = now - ping.sentAt();
    return roundTripNanos;
  }

  /** The latest round trip in nanoseconds; 0 if none was measured. */
  long roundTripNanos() {
    return roundTripNanos;
  }

  /** When {@link #check} may next say anything but {@code ALIVE}; {@code Long.MAX_VALUE}: never. */
  long deadline() {
    if (idleNanos == 0) {
      return Long.MAX_VALUE;
    }
    if (!judges()) {
      return pingAt;
    }
    long verdictAt = askedAt + timeoutNanos;
    return verdictAt - pingAt < 0 ? verdictAt : pingAt;
  }
}
