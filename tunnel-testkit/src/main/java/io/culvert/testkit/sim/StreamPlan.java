package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.VirtualTime.MILLIS;

import java.util.SplittableRandom;

/**
 * What the application at one end of a stream is going to do.
 *
 * @param total bytes to write
 * @param maxWrite largest single write
 * @param writePause longest pause between writes; 0: as fast as possible
 * @param readLimit bytes after which {@code readEnd} happens
 * @param maxRead largest single read
 * @param readPause longest pause between reads; 0: as fast as possible
 * @param handlerTime from the end of both directions to the release of the stream
 */
record StreamPlan(
    int total,
    int maxWrite,
    long writePause,
    WriteEnd writeEnd,
    ReadEnd readEnd,
    int readLimit,
    int maxRead,
    long readPause,
    long handlerTime,
    boolean refuse) {

  /** What follows the last byte written. */
  enum WriteEnd {
    FIN,
    RESET,
    /** Both directions, as closing a socket does. */
    CLOSE,
    /** Nothing: the peer's reader waits. */
    NEVER
  }

  /** What happens once {@code readLimit} bytes were read. */
  enum ReadEnd {
    /** Reads on to the end. */
    NOTHING,
    /** Does not read any more, and tells nobody. */
    HALT,
    STOP,
    RESET
  }

  static StreamPlan of(SplittableRandom random, int largest) {
    int total = size(random, largest);
    boolean bytewise = total <= 2000 && random.nextInt(6) == 0;
    return new StreamPlan(
        total,
        bytewise ? 1 : random.nextInt(1, Math.max(2, random.nextInt(8) == 0 ? total + 1 : 20_000)),
        random.nextInt(4) == 0 ? random.nextLong(1, 20 * MILLIS) : 0,
        writeEnd(random),
        readEnd(random),
        random.nextInt(2) == 0 ? 0 : random.nextInt(largest + 1),
        random.nextInt(6) == 0 ? 1 + random.nextInt(3) : random.nextInt(1, 70_000),
        random.nextInt(5) == 0 ? random.nextLong(1, 5 * MILLIS) : 0,
        random.nextInt(3) == 0 ? random.nextLong(1, 100 * MILLIS) : 0,
        random.nextInt(30) == 0);
  }

  /** A stream that stays open until it is told to end. */
  static StreamPlan held() {
    return new StreamPlan(1, 1, 0, WriteEnd.NEVER, ReadEnd.NOTHING, 0, 1000, 0, 0, false);
  }

  private static int size(SplittableRandom random, int largest) {
    int bound =
        switch (random.nextInt(10)) {
          case 0 -> 1;
          case 1, 2 -> 10;
          case 3, 4, 5, 6 -> 4000;
          case 7, 8 -> 70_000;
          default -> largest;
        };
    return random.nextInt(Math.min(bound, largest) + 1);
  }

  private static WriteEnd writeEnd(SplittableRandom random) {
    return switch (random.nextInt(16)) {
      case 0 -> WriteEnd.RESET;
      case 1 -> WriteEnd.CLOSE;
      case 2 -> WriteEnd.NEVER;
      default -> WriteEnd.FIN;
    };
  }

  private static ReadEnd readEnd(SplittableRandom random) {
    return switch (random.nextInt(16)) {
      case 0 -> ReadEnd.RESET;
      case 1, 2 -> ReadEnd.STOP;
      case 3 -> ReadEnd.HALT;
      default -> ReadEnd.NOTHING;
    };
  }
}
