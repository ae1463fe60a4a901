package io.culvert.link;

/**
 * Decides when a socket is dead. Any packet is life; silence for the idle time asks for a PING;
 * silence for the timeout after that is death.
 *
 * <p>The timeout runs from when the PING was due, not from when it was written: a socket that takes
 * no bytes is as dead as one that gives none.
 */
public final class Heartbeat {

  /** What the time that has passed means. */
  public enum Verdict {
    ALIVE,
    PING_DUE,
    DEAD
  }

  private final long idleNanos;
  private final long timeoutNanos;
  private long lastLife;
  private boolean asked;

  /**
   * @param idleNanos silence before a PING; 0 switches the heartbeat off
   * @param timeoutNanos further silence before the verdict
   */
  public Heartbeat(long idleNanos, long timeoutNanos, long now) {
    this.idleNanos = idleNanos;
    this.timeoutNanos = timeoutNanos;
    this.lastLife = now;
  }

  /** A packet has arrived. */
  public void life(long now) {
    lastLife = now;
    asked = false;
  }

  /** The verdict; {@code PING_DUE} comes once per silence. */
  public Verdict check(long now) {
    if (idleNanos == 0) {
      return Verdict.ALIVE;
    }
    long silence = now - lastLife;
    if (silence >= idleNanos + timeoutNanos) {
      return Verdict.DEAD;
    }
    if (silence >= idleNanos && !asked) {
      asked = true;
      return Verdict.PING_DUE;
    }
    return Verdict.ALIVE;
  }

  /** When {@link #check} may next say anything but {@code ALIVE}; {@code Long.MAX_VALUE}: never. */
  public long deadline() {
    if (idleNanos == 0) {
      return Long.MAX_VALUE;
    }
    return lastLife + idleNanos + (asked ? timeoutNanos : 0);
  }
}
