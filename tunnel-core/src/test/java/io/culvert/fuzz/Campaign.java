package io.culvert.fuzz;

import java.util.Random;

/**
 * Runs a fuzz target over consecutive seeds. In the normal build these are few and always the same;
 * {@code scripts/fuzz} runs others for minutes. A failure names the seed that repeats it:
 *
 * <pre>mvn -pl tunnel-core test -Dtest=FrameReaderFuzzTest -Dculvert.fuzz.seed=123</pre>
 */
final class Campaign {

  /** One run from one seed; throws whatever goes wrong. */
  interface Target {
    void run(Random random) throws Exception;
  }

  private Campaign() {}

  /**
   * Runs the target {@code runs} times, or once with {@code culvert.fuzz.seed}, or for {@code
   * culvert.fuzz.seconds}.
   */
  static void run(int runs, Target target) {
    String seed = System.getProperty("culvert.fuzz.seed");
    int seconds = Integer.getInteger("culvert.fuzz.seconds", 0);
    if (seed != null) {
      once(Long.parseLong(seed), target);
    } else if (seconds > 0) {
      long first = System.nanoTime();
      long end = first + seconds * 1_000_000_000L;
      long next = first;
      for (; System.nanoTime() - end < 0; next++) {
        once(next, target);
      }
      System.out.println((next - first) + " runs from seed " + first);
    } else {
      for (int i = 0; i < runs; i++) {
        once(i, target);
      }
    }
  }

  private static void once(long seed, Target target) {
    try {
      target.run(new Random(seed * 0x9e3779b97f4a7c15L));
    } catch (Throwable e) {
      throw new AssertionError("repeat with -Dculvert.fuzz.seed=" + seed, e);
    }
  }
}
