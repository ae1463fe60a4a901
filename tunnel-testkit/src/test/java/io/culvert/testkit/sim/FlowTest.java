package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.VirtualTime.MILLIS;
import static io.culvert.testkit.sim.VirtualTime.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.EngineConfig;
import io.culvert.stream.StreamLimits;
import io.culvert.testkit.sim.StreamPlan.ReadEnd;
import io.culvert.testkit.sim.StreamPlan.WriteEnd;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Speed in virtual time: what flow control allows, whatever the machine. */
class FlowTest {
  private static final int MIB = 1024 * 1024;
  private static final long ROUND_TRIP = 100 * MILLIS;

  private final VirtualTime time = new VirtualTime();
  private Side dialer;
  private Side acceptor;

  private void connect(long bytesPerSecond) {
    connect(bytesPerSecond, EngineConfig.DEFAULT);
  }

  private void connect(long bytesPerSecond, EngineConfig config) {
    SimulatedSocket.Conditions network =
        new SimulatedSocket.Conditions(ROUND_TRIP / 2, 0, bytesPerSecond, 0);
    Scenario scenario =
        new Scenario(
            config,
            config,
            network,
            network,
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
    Network between = new Network(scenario, time, random.split(), null);
    SimulatedProcess process = new SimulatedProcess(time);
    dialer = new Side(true, scenario, time, process, random.split());
    acceptor = new Side(false, scenario, time, between.acceptorProcess(), random.split());
    between.connect(dialer, acceptor);
  }

  private void dialerOpens(int count, Supplier<StreamPlan> plans) {
    dialer.open(new Opener(dialer, new SplittableRandom(2), count, 0, plans));
  }

  private static StreamPlan plan(int write, ReadEnd readEnd) {
    return new StreamPlan(write, 64 * 1024, 0, WriteEnd.FIN, readEnd, 0, 256 * 1024, 0, 0, false);
  }

  /** When the stream has ended at the acceptor. */
  private long finished(int streamId, long probeEvery) {
    long[] at = new long[1];
    watch(streamId, probeEvery, at);
    time.runUntilQuiet(5_000_000);
    assertTrue(at[0] > 0, "stream " + streamId + " has not ended");
    return at[0];
  }

  private void watch(int streamId, long every, long[] at) {
    StreamApp app = acceptor.app(streamId);
    if (app != null && app.gone()) {
      at[0] = time.now();
    } else if (time.now() < 120 * SECONDS) {
      time.housekeepingAt(time.now() + every, () -> watch(streamId, every, at));
    }
  }

  @Test
  void windowOfAFastReaderReachesItsMaximumWithinAFewRoundTrips() {
    connect(0);
    acceptor.acceptWith(() -> plan(0, ReadEnd.NOTHING));
    dialerOpens(1, () -> plan(96 * MIB, ReadEnd.NOTHING));
    int[] window = new int[1];
    time.housekeepingAt(16 * ROUND_TRIP, () -> window[0] = acceptor.app(1).window());
    time.runUntilQuiet(5_000_000);
    assertEquals(EngineConfig.DEFAULT.streams().maxWindow(), window[0]);
  }

  @Test
  void growthOfAnEndedStreamGoesToTheNext() {
    EngineConfig d = EngineConfig.DEFAULT;
    StreamLimits limits = new StreamLimits(64 * 1024, 4 * MIB, MIB, 64 * 1024, 10);
    connect(
        0,
        new EngineConfig(
            limits,
            d.replayBuffer(),
            d.transit(),
            d.heartbeatIdle(),
            d.heartbeatTimeout(),
            d.handshakeTimeout(),
            0,
            d.metadataLimit(),
            d.pingData()));
    acceptor.acceptWith(() -> plan(0, ReadEnd.NOTHING));
    for (int id = 1; id <= 3; id += 2) {
      dialerOpens(1, () -> plan(8 * MIB, ReadEnd.NOTHING));
      time.runUntilQuiet(5_000_000);
      assertEquals(64 * 1024 + MIB, acceptor.app(id).window(), "stream " + id);
    }
  }

  @Test
  void oneStreamFillsALongFastLink() {
    int total = 64 * MIB;
    long rate = 20 * MIB;
    connect(rate);
    acceptor.acceptWith(() -> plan(0, ReadEnd.NOTHING));
    dialerOpens(1, () -> plan(total, ReadEnd.NOTHING));
    long ideal = total * SECONDS / rate;
    long took = finished(1, 10 * MILLIS);
    // With the first window only it would be 256 KiB a round trip, 25 seconds in all.
    assertTrue(took < ideal + 12 * ROUND_TRIP, took / MILLIS + " ms; ideal " + ideal / MILLIS);
  }

  @Test
  void readerThatStopsSlowsNoOtherStream() {
    long alone = bulkBeside(0);
    long besideStopped = bulkBeside(100);
    assertTrue(
        besideStopped <= alone + alone / 10 + 100L * 256 * 1024 * SECONDS / (20 * MIB),
        besideStopped / MILLIS + " ms beside stopped readers, " + alone / MILLIS + " ms alone");
  }

  /** How long a transfer takes beside streams whose reader has stopped and whose writer has not. */
  private long bulkBeside(int stopped) {
    connect(20 * MIB);
    int[] next = new int[1];
    acceptor.acceptWith(() -> plan(0, next[0]++ < stopped ? ReadEnd.HALT : ReadEnd.NOTHING));
    dialerOpens(stopped + 1, () -> plan(32 * MIB, ReadEnd.NOTHING));
    long start = time.now();
    return finished(2 * stopped + 1, 10 * MILLIS) - start;
  }
}
