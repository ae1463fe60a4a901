package io.culvert.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A short run of what {@code scripts/chaos} does, in one process. */
@Timeout(300) // a hang guard
class ChaosTest {
  private static final long SEED = 4;
  private static final int CUT_EVERY_MILLIS = 100;
  private static final Amounts AMOUNTS = new Amounts(300, 8, 3_000, 300, 15);

  @Test
  void whateverBreaksNothingIsLostDoubledOrDamaged() throws Exception {
    int breaks = 2 * Cut.values().length;
    Run.Result result;
    try (LocalSide server = LocalSide.server(AMOUNTS, SEED);
        FaultProxy proxy = new FaultProxy(server.address())) {
      Breaker breaker = new Breaker(proxy, SEED, CUT_EVERY_MILLIS);
      int port = proxy.address().getPort();
      try (LocalSide client = LocalSide.client(AMOUNTS, SEED, port, breaker)) {
        result = new Run(proxy, server, client, breaker, AMOUNTS).run(breaks, () -> {});
      }
    }
    assertTrue(result.clean(), () -> result.problems() + " " + result.lines());
    assertEquals(2L * AMOUNTS.posts(), result.tallies().get(Tally.Work.POSTS).once.get());
    assertTrue(
        result.recoveries().values().stream().noneMatch(times -> times.size() < 2),
        () -> "every break twice: " + result.recoveries());
    Await.noThreads("culvert-");
  }
}
