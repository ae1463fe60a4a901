package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.VirtualTime.MILLIS;

import java.util.SplittableRandom;

/** The dialer's way to its next socket. Several may be under way at once: the last one wins. */
final class Dialing {
  private static final long LONGEST_DELAY = 250 * MILLIS;

  private final Side dialer;
  private final Network network;
  private final SplittableRandom random;

  Dialing(Side dialer, Network network, SplittableRandom random) {
    this.dialer = dialer;
    this.network = network;
    this.random = random;
  }

  /** The link has no socket. */
  void again() {
    dialer.after(random.nextLong(LONGEST_DELAY), this::dial);
    if (random.nextInt(6) == 0) {
      dialer.after(random.nextLong(LONGEST_DELAY), this::dial);
    }
  }

  /** The dialer wants another socket, whatever there is. */
  void move() {
    if (!dialer.over()) {
      dial();
    }
  }

  private void dial() {
    if (dialer.over()) {
      return;
    }
    long handshake = random.nextLong(LONGEST_DELAY);
    if (network.failsToConnect()) {
      dialer.after(handshake, this::again);
    } else {
      dialer.after(handshake, () -> dialer.driver().opened(network.open(dialer.driver())));
    }
  }
}
