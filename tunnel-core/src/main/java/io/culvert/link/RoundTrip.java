package io.culvert.link;

/**
 * PINGs of this side: one outstanding at a time, for the heartbeat, for the application and to
 * measure the round trip that window tuning needs.
 */
public final class RoundTrip {
  private long token;
  private long sentAt;
  private boolean outstanding;
  private long latestNanos;

  /** Whether a PING is under way. */
  public boolean outstanding() {
    return outstanding;
  }

  /** A PING is being sent; returns its token. */
  public long sent(long now) {
    outstanding = true;
    sentAt = now;
    return ++token;
  }

  /**
   * A PONG has come.
   *
   * @return the round trip in nanoseconds, or -1 if it does not answer the outstanding PING
   */
  public long answered(long answeredToken, long now) {
    if (!outstanding || answeredToken != token) {
      return -1;
    }
    outstanding = false;
    latestNanos = Math.max(1, now - sentAt);
    return latestNanos;
  }

  /** What is under way is lost. */
  public void forget() {
    outstanding = false;
  }

  /** The latest measured round trip in nanoseconds; 0 if none was measured. */
  public long latestNanos() {
    return latestNanos;
  }
}
