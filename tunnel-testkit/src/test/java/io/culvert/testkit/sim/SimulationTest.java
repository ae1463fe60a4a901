package io.culvert.testkit.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SimulationTest {
  private static final long SEEDS = Long.getLong("culvert.simulation.seeds", 20_000);

  @Test
  void everySeedHolds() {
    ConcurrentMap<Long, SimulationFailure> failures = new ConcurrentHashMap<>();
    OptionalLong failed =
        LongStream.range(0, SEEDS).parallel().filter(seed -> fails(seed, failures)).findFirst();
    if (failed.isPresent()) {
      fail(Simulate.report(failed.getAsLong(), failures.get(failed.getAsLong())));
    }
  }

  private static boolean fails(long seed, ConcurrentMap<Long, SimulationFailure> failures) {
    try {
      Simulation.run(seed);
      return false;
    } catch (SimulationFailure e) {
      failures.put(seed, e);
      return true;
    }
  }

  @Test
  void aSeedGivesTheSamePacketsEveryTime() {
    for (long seed = 0; seed < 30; seed++) {
      List<String> first = new ArrayList<>();
      List<String> second = new ArrayList<>();
      assertEquals(Simulation.run(seed, first::add), Simulation.run(seed, second::add));
      assertEquals(first, second);
      assertTrue(first.size() > 2, "nothing was said in seed " + seed);
    }
  }
}
