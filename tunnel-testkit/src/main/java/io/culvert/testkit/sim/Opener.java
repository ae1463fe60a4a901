package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;

import io.culvert.engine.Engine;
import io.culvert.stream.Stream;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Opens streams, and waits for the event when the peer's credit is used up. */
final class Opener {
  private final Side side;
  private final SplittableRandom random;
  private final long longestPause;
  private final Supplier<StreamPlan> plans;
  private int left;

  /** Until the connection is established, and while there is no credit. */
  private boolean waits = true;

  Opener(
      Side side,
      SplittableRandom random,
      int count,
      long longestPause,
      Supplier<StreamPlan> plans) {
    this.side = side;
    this.random = random;
    this.left = count;
    this.longestPause = longestPause;
    this.plans = plans;
  }

  void open() {
    while (left > 0) {
      if (!side.get(Engine::accepting)) {
        check(side.refusesOpening(), "%s: streams cannot be opened for no reason", side);
        left = 0;
      } else if (!side.get(Engine::mayOpen)) {
        waits = true;
        return;
      } else {
        left--;
        Stream stream = side.get(engine -> engine.open(attributes()));
        side.add(stream, plans.get()).start();
        if (longestPause > 0) {
          side.after(random.nextLong(longestPause), this::open);
          return;
        }
      }
    }
  }

  void onMayOpen() {
    if (waits) {
      waits = false;
      side.soon(this::open);
    }
  }

  boolean done() {
    return left == 0;
  }

  private Map<String, String> attributes() {
    return random.nextInt(8) == 0 ? Map.of("name", "x".repeat(random.nextInt(4000))) : Map.of();
  }
}
