package io.culvert.link;

import io.culvert.frame.Frame;

/**
 * PING and PONG in both directions. All of it is state, not queued frames: the latest PING of the
 * peer that was not answered, and whether one of this side is wanted.
 */
public final class Pulse {
  private final Heartbeat heartbeat;
  private final byte[] pingData;
  private final RoundTrip roundTrip = new RoundTrip();

  /** A newer PING replaces it, so pings cannot pile up. */
  private Frame.Ping unanswered;

  private boolean pingDue;

  /**
   * A pulse that has felt nothing yet.
   *
   * @param pingData application data of this side's PINGs
   */
  public Pulse(Heartbeat heartbeat, byte[] pingData) {
    this.heartbeat = heartbeat;
    this.pingData = pingData;
  }

  /** A new socket carries the link: what was under way on the old one is lost. */
  public void restart(long now) {
    heartbeat.life(now);
    roundTrip.forget();
    unanswered = null;
    pingDue = false;
  }

  /** A packet has arrived. */
  public void life(long now) {
    heartbeat.life(now);
  }

  /**
   * Acts on the time that has passed.
   *
   * @param mayPing whether a PING makes sense now
   * @return false if the socket is dead
   */
  public boolean tick(boolean mayPing, long now) {
    switch (heartbeat.check(now)) {
      case DEAD -> {
        return false;
      }
      case PING_DUE -> pingDue = mayPing;
      case ALIVE -> {}
    }
    return true;
  }

  /** When {@link #tick} is to be called at the latest; {@code Long.MAX_VALUE}: never. */
  public long deadline() {
    return heartbeat.deadline();
  }

  /** A PING of the peer has come. */
  public void pinged(Frame.Ping ping) {
    unanswered = ping;
  }

  /** A PONG has come; returns the round trip in nanoseconds, or -1 if it answers nothing. */
  public long ponged(Frame.Pong pong, long now) {
    return roundTrip.answered(pong.token(), now);
  }

  /** Whether a PONG is owed, or a PING is to go out. */
  public boolean hasWork(boolean probeWanted) {
    return unanswered != null || pingWanted(probeWanted);
  }

  /** The PONG that is owed, which is settled with this; null if none is. */
  public Frame.Pong takePong() {
    if (unanswered == null) {
      return null;
    }
    Frame.Pong pong = new Frame.Pong(unanswered.token(), unanswered.data());
    unanswered = null;
    return pong;
  }

  /** The PING that is to go out now, for the heartbeat or for a probe; null if none is. */
  public Frame.Ping takePing(boolean probeWanted, long now) {
    if (!pingWanted(probeWanted)) {
      return null;
    }
    pingDue = false;
    return new Frame.Ping(roundTrip.sent(now), pingData);
  }

  /** The latest round trip in nanoseconds; 0 if none was measured. */
  public long roundTripNanos() {
    return roundTrip.latestNanos();
  }

  private boolean pingWanted(boolean probeWanted) {
    return (pingDue || probeWanted) && !roundTrip.outstanding();
  }
}
