package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.VirtualTime.MILLIS;
import static io.culvert.testkit.sim.VirtualTime.SECONDS;

import java.util.SplittableRandom;

/**
 * How much befalls the sockets and the processes of one run, at times of its own.
 *
 * @param cuts sockets that break, and both sides hear of it
 * @param silences sockets of which one direction, or both, swallows everything
 * @param doomed sockets that break after a few packets, in the middle of the next: what is lost so
 *     is often a part of the handshake
 * @param failingDials dials that come to nothing
 * @param moves times that the dialer takes a new socket while the old one seems alive
 * @param copies times that somebody sends recorded handshakes on a socket of his own
 * @param pauses times that a process stands still, and its clock jumps
 * @param longestPause nanoseconds
 * @param acceptorDies whether the acceptor forgets the link
 */
record Faults(
    int cuts,
    int silences,
    int doomed,
    int failingDials,
    int moves,
    int copies,
    int pauses,
    long longestPause,
    boolean acceptorDies) {

  static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0, 0, 0, false);

  /** Of links that survive all this if they are kept for a minute. */
  private static final long SHORT_PAUSE = 4 * SECONDS;

  static Faults of(SplittableRandom random) {
    return new Faults(
        few(random, 6),
        few(random, 3),
        few(random, 6),
        few(random, 4),
        few(random, 4),
        few(random, 4),
        few(random, 3),
        random.nextInt(8) == 0 ? 100 * SECONDS : SHORT_PAUSE,
        random.nextInt(12) == 0);
  }

  private static int few(SplittableRandom random, int most) {
    return random.nextBoolean() ? 0 : random.nextInt(most) + 1;
  }

  /** Whether a link that is kept for a minute gets over it. */
  boolean survivable() {
    return !acceptorDies && longestPause <= SHORT_PAUSE;
  }

  long pause(SplittableRandom random) {
    return MILLIS + random.nextLong(Math.max(1, longestPause));
  }
}
