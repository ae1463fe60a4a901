package io.culvert.testkit.sim;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Runs seeds from the command line: {@code --seeds N} as many, {@code --from S} beginning with that
 * one, {@code --seed S} only that one, with its packets.
 */
public final class Simulate {
  private static final int DEFAULT_SEEDS = 5_000;

  /** Enough to see what led to a failure, and to read it. */
  private static final int LOG_LINES = 400;

  private Simulate() {}

  /** Exits with 1 if a seed fails. */
  public static void main(String[] args) {
    long from = 0;
    long count = DEFAULT_SEEDS;
    boolean single = false;
    for (int i = 0; i < args.length; i += 2) {
      if (i + 1 == args.length) {
        usage();
        return;
      }
      long value = Long.parseLong(args[i + 1]);
      switch (args[i]) {
        case "--seeds" -> count = value;
        case "--from" -> from = value;
        case "--seed" -> {
          from = value;
          count = 1;
          single = true;
        }
        default -> {
          usage();
          return;
        }
      }
    }
    if (single) {
      single(from);
    } else {
      many(from, count);
    }
  }

  private static void usage() {
    System.err.println("usage: scripts/simulate [--seeds N] [--from S] | --seed S");
    System.exit(2);
  }

  private static void single(long seed) {
    try {
      Simulation.run(seed, System.out::println);
      System.out.println("seed " + seed + " holds");
    } catch (SimulationFailure e) {
      e.printStackTrace(System.out);
      System.exit(1);
    }
  }

  private static void many(long from, long count) {
    for (long seed = from; seed < from + count; seed++) {
      try {
        Simulation.run(seed);
      } catch (SimulationFailure e) {
        System.out.println(report(seed, e));
        System.exit(1);
      }
    }
    System.out.println(count + " seeds from " + from + " hold");
  }

  /** What is known about a seed that fails: how to run it again, and its last packets. */
  static String report(long seed, SimulationFailure failure) {
    Deque<String> lines = new ArrayDeque<>();
    try {
      Simulation.run(
          seed,
          line -> {
            lines.add(line);
            if (lines.size() > LOG_LINES) {
              lines.remove();
            }
          });
    } catch (SimulationFailure again) {
      lines.add(again.getMessage());
    }
    return String.join("\n", lines)
        + "\n"
        + "seed "
        + seed
        + " failed: "
        + failure.getMessage()
        + "\nrun it again: scripts/simulate --seed "
        + seed;
  }
}
