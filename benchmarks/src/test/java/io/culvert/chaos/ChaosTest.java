package io.culvert.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.Await;
import io.culvert.testkit.FaultProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A short run of what {@code scripts/chaos} does, in one process. */
@Timeout(300) // a hang guard
class ChaosTest {
  private static final long SEED = 4;
  private static final int CUT_EVERY_MILLIS = 100;
  private static final Amounts AMOUNTS = new Amounts(300, 8, 3_000, 300, 15);

  @ParameterizedTest
  @CsvSource({"SERVER, CLIENT, 2", "RELAY, AGENT, 1"})
  void whateverBreaksNothingIsLostDoubledOrDamaged(Role listening, Role dialing, int calling)
      throws Exception {
    Set<Cut> cuts = Cut.of(dialing);
    Run.Result result;
    try (LocalSide server = LocalSide.start(listening, AMOUNTS, SEED, 0, Side.Listener.NONE);
        FaultProxy proxy =
            new FaultProxy(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()))) {
      Breaker breaker = new Breaker(proxy, cuts, SEED, CUT_EVERY_MILLIS);
      int port = proxy.address().getPort();
      try (LocalSide client = LocalSide.start(dialing, AMOUNTS, SEED, port, breaker)) {
        result = new Run(proxy, server, client, breaker, AMOUNTS).run(2 * cuts.size(), () -> {});
      }
    }
    assertTrue(result.clean(), () -> result.problems() + " " + result.lines());
    assertEquals(
        (long) calling * AMOUNTS.posts(), result.tallies().get(Tally.Work.POSTS).once.get());
    assertTrue(
        cuts.stream().noneMatch(cut -> result.recoveries().get(cut).size() < 2),
        () -> "every break twice: " + result.recoveries());
    Await.noThreads("culvert-");
  }
}
