package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.VirtualTime.MILLIS;
import static io.culvert.testkit.sim.VirtualTime.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.EngineConfig;
import io.culvert.stream.StreamLimits;
import io.culvert.testkit.sim.StreamPlan.ReadEnd;
import io.culvert.testkit.sim.StreamPlan.WriteEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** One exchange, and its socket lost at every packet of it. */
class CutEverywhereTest {
  private static final int STREAMS = 3;
  private static final int BYTES = 5_000;

  /** How a socket is lost once so many packets of one direction have arrived. */
  enum Loss {
    /** With a packet. */
    BETWEEN_PACKETS,
    /** Of the next packet a part arrives, which is as good as nothing. */
    MIDDLE_OF_PACKET,
    /** Nothing of this direction arrives any more, and nobody is told. */
    SILENCE
  }

  private record Run(Side dialer, Side acceptor, List<String> log) {
    /** How many packets one side sent until the exchange was over. */
    int packets(boolean ofDialer) {
      String start = (ofDialer ? "dialer  " : "acceptor") + " #1 >>";
      int count = 0;
      int last = 0;
      for (String line : log) {
        count += line.startsWith(start) ? 1 : 0;
        last = line.contains(" DATA ") ? count : last;
      }
      return last;
    }

    boolean resumed() {
      return log.stream().anyMatch(line -> line.contains("| RESUMED"));
    }
  }

  private static Run run(Loss loss, boolean ofDialer, int packets) {
    VirtualTime time = new VirtualTime();
    SimulatedSocket.Conditions conditions =
        new SimulatedSocket.Conditions(5 * MILLIS, 0, 0, MILLIS);
    EngineConfig d = EngineConfig.DEFAULT;
    EngineConfig config =
        new EngineConfig(
            new StreamLimits(2_000, 2_000, 0, 4_000, STREAMS),
            3_000,
            d.transit(),
            SECONDS,
            SECONDS,
            5 * SECONDS,
            60 * SECONDS,
            d.metadataLimit(),
            d.pingData());
    Scenario scenario =
        new Scenario(
            config,
            config,
            conditions,
            conditions,
            0,
            0,
            0,
            0,
            0,
            0,
            Faults.NONE,
            Scenario.Midway.NOTHING,
            true,
            0,
            true);
    SplittableRandom random = new SplittableRandom(1);
    List<String> log = new ArrayList<>();
    Network network = new Network(scenario, time, random.split(), log::add);
    Side dialer = new Side(true, scenario, time, new SimulatedProcess(time), random.split());
    Side acceptor = new Side(false, scenario, time, network.acceptorProcess(), random.split());
    network.connect(dialer, acceptor);
    if (packets > 0 || loss != Loss.BETWEEN_PACKETS) {
      lose(dialer.driver().socket(), loss, ofDialer, packets);
    }
    for (Side side : new Side[] {dialer, acceptor}) {
      side.acceptWith(CutEverywhereTest::plan);
      side.open(new Opener(side, random, STREAMS, 0, CutEverywhereTest::plan));
    }
    time.runUntilQuiet(1_000_000);
    return new Run(dialer, acceptor, log);
  }

  private static StreamPlan plan() {
    return new StreamPlan(BYTES, 1_000, 0, WriteEnd.FIN, ReadEnd.NOTHING, 0, 1_000, 0, 0, false);
  }

  private static void lose(SimulatedSocket socket, Loss loss, boolean ofDialer, int packets) {
    switch (loss) {
      case BETWEEN_PACKETS -> socket.cutBehind(ofDialer, packets);
      case MIDDLE_OF_PACKET -> socket.breakAfter(ofDialer, packets, false);
      case SILENCE -> socket.breakAfter(ofDialer, packets, true);
    }
  }

  private static Run undisturbed() {
    return run(Loss.BETWEEN_PACKETS, true, 0);
  }

  private static void checkComplete(Run run) {
    for (Side side : new Side[] {run.dialer(), run.acceptor()}) {
      assertNull(side.end());
      side.checkNotStalled();
      side.checkAllGone();
      assertEquals(2 * STREAMS, side.apps().size());
      assertTrue(side.apps().stream().allMatch(StreamApp::complete), side + " has lost a stream");
    }
  }

  @Test
  void nothingIsResumedWithoutALoss() {
    Run run = undisturbed();
    checkComplete(run);
    assertFalse(run.resumed());
  }

  @ParameterizedTest
  @CsvSource({
    "BETWEEN_PACKETS, true",
    "BETWEEN_PACKETS, false",
    "MIDDLE_OF_PACKET, true",
    "MIDDLE_OF_PACKET, false",
    "SILENCE, true",
    "SILENCE, false"
  })
  void aSocketThatIsLostAtAnyPacketCostsNothing(Loss loss, boolean ofDialer) {
    int packets = undisturbed().packets(ofDialer);
    assertTrue(packets > 20, packets + " packets");
    // HELLO is on its way already, and without WELCOME there is no link that could be lost.
    int first = ofDialer && loss != Loss.BETWEEN_PACKETS ? 0 : 1;
    int last = ofDialer ? packets - 1 : packets;
    for (int k = first; k < last; k++) {
      Run run = run(loss, ofDialer, k);
      String where = loss + " after packet " + k + " of " + (ofDialer ? "dialer" : "acceptor");
      try {
        checkComplete(run);
        assertTrue(run.resumed(), "nothing was lost");
      } catch (AssertionError e) {
        throw new AssertionError(where + "\n" + String.join("\n", run.log()), e);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Loss.class,
      names = {"MIDDLE_OF_PACKET", "SILENCE"})
  void withoutWelcomeThereIsNoLink(Loss loss) {
    Run run = run(loss, false, 0);
    assertFalse(run.resumed());
    assertTrue(run.dialer().over() && run.acceptor().over());
  }
}
