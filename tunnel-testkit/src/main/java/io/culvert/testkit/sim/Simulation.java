package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;

import io.culvert.engine.EngineConfig;
import io.culvert.frame.ErrorCode;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * Two engines over a simulated network, everything drawn from one seed: their bounds, the network's
 * behaviour, what the applications do and when. The rules that it checks are those of the
 * protocol's promise: every byte arrives once and in order or its stream fails with one reason that
 * somebody gave, nobody waits for ever, and no buffer passes its bound.
 */
public final class Simulation {
  private static final long MAX_EVENTS = 2_000_000;

  /** More than the streams that one side opens, so that each may have waited for the one before. */
  private static final int MAX_ROUNDS = 50;

  /** How many streams are opened at the end to see that all credit has come back. */
  private static final int CREDIT_PROBE = 24;

  private final SplittableRandom random;
  private final Scenario scenario;
  private final VirtualTime time = new VirtualTime();
  private final Side dialer;
  private final Side acceptor;
  private final Network network;

  private Simulation(long seed, Consumer<String> log) {
    this.random = new SplittableRandom(seed);
    this.scenario = Scenario.of(random);
    Consumer<String> timed =
        log == null ? null : line -> log.accept(String.format("%10.3f %s", millis(), line));
    this.network = new Network(scenario, time, random.split(), timed);
    SimulatedProcess process = new SimulatedProcess(time);
    this.dialer = new Side(true, scenario, time, process, random.split());
    this.acceptor = new Side(false, scenario, time, network.acceptorProcess(), random.split());
  }

  /**
   * Runs one seed.
   *
   * @return a number that differs when anything in the run did: the same seed gives the same
   * @throws SimulationFailure if a rule was broken
   */
  public static long run(long seed) {
    return new Simulation(seed, null).run();
  }

  /**
   * Runs one seed and hands every packet, as the side that sends or receives it sees it, to {@code
   * log}: one line each, beginning with the virtual time in milliseconds.
   */
  public static long run(long seed, Consumer<String> log) {
    Simulation simulation = new Simulation(seed, log);
    log.accept("seed " + seed);
    log.accept("dialer   " + describe(simulation.scenario.dialer()));
    log.accept("acceptor " + describe(simulation.scenario.acceptor()));
    log.accept("network  " + simulation.scenario.network());
    log.accept("faults   " + simulation.scenario.faults());
    return simulation.run();
  }

  private static String describe(EngineConfig config) {
    return config.streams()
        + " replay "
        + config.replayBuffer()
        + " transit "
        + config.transit()
        + " heartbeat "
        + config.heartbeatIdle() / VirtualTime.MILLIS
        + " + "
        + config.heartbeatTimeout() / VirtualTime.MILLIS
        + " ms, handshake "
        + config.handshakeTimeout() / VirtualTime.MILLIS
        + " ms, resume "
        + config.resumeTime() / VirtualTime.MILLIS
        + " ms";
  }

  private long run() {
    try {
      network.connect(dialer, acceptor);
      scheduleWork();
      quiet();
      if (!over()) {
        dialer.checkNotStalled();
        acceptor.checkNotStalled();
        endAllStreams();
        if (!over()) {
          checkStreamCredit();
          drainAndClose();
        }
      }
      checkEnd();
    } catch (SimulationFailure e) {
      throw e;
    } catch (RuntimeException | AssertionError e) {
      throw new SimulationFailure("the engine threw " + e, e);
    }
    return time.now() * 31
        + dialer.driver().monitor().lastSeq() * 7
        + acceptor.driver().monitor().lastSeq();
  }

  private void scheduleWork() {
    work(dialer, scenario.dialerStreams());
    work(acceptor, scenario.acceptorStreams());
    Trouble trouble = new Trouble(scenario, time, random, network, dialer, acceptor);
    trouble.schedule();
    if (scenario.midway() != Scenario.Midway.NOTHING) {
      time.at(scenario.midwayAt(), this::midway);
    }
  }

  private void work(Side side, int streams) {
    SplittableRandom plans = random.split();
    long pause = Scenario.pick(random, 0, 10, 200) * VirtualTime.MILLIS;
    side.open(
        new Opener(
            side,
            random.split(),
            streams,
            pause,
            () -> StreamPlan.of(plans, scenario.largestStream())));
  }

  private void midway() {
    Side side = scenario.midwayByDialer() ? dialer : acceptor;
    switch (scenario.midway()) {
      case DRAIN -> side.drain();
      case CLOSE ->
          side.close(random.nextBoolean() ? ErrorCode.NO_ERROR : ErrorCode.INTERNAL_ERROR);
      case ABORT -> side.abort();
      case CUT -> side.driver().socket().cut("the network broke");
      case NOTHING -> {}
    }
  }

  /** In rounds: what has ended lets openers go on, whose streams are to be ended too. */
  private void endAllStreams() {
    for (int round = 0; round < MAX_ROUNDS && !over(); round++) {
      if (dialer.allGone() && acceptor.allGone()) {
        return;
      }
      tellToEnd();
      quiet();
    }
  }

  private void tellToEnd() {
    for (Side side : new Side[] {dialer, acceptor}) {
      side.apps().forEach(app -> side.soon(app::end));
    }
  }

  /** Every stream has ended, so each side can have as many open at once as at the beginning. */
  private void checkStreamCredit() {
    dialer.checkAllGone();
    acceptor.checkAllGone();
    check(dialer.openersDone() && acceptor.openersDone(), "stream credit has not come back");
    dialer.open(new Opener(dialer, random, probe(scenario.acceptor()), 0, StreamPlan::held));
    acceptor.open(new Opener(acceptor, random, probe(scenario.dialer()), 0, StreamPlan::held));
    quiet();
    if (!over()) {
      check(dialer.openersDone(), "the dialer's stream credit has not come back");
      check(acceptor.openersDone(), "the acceptor's stream credit has not come back");
      endAllStreams();
    }
  }

  private static int probe(EngineConfig granter) {
    return Math.min(CREDIT_PROBE, granter.streams().streams());
  }

  private void drainAndClose() {
    Side first = scenario.drainByDialer() ? dialer : acceptor;
    if (!over()) {
      first.drain();
      quiet();
      if (!over()) {
        first.checkNotStalled();
      }
      first.close(ErrorCode.NO_ERROR);
    }
  }

  private void checkEnd() {
    quiet();
    tellToEnd();
    quiet();
    dialer.checkEnded();
    acceptor.checkEnded();
  }

  private boolean over() {
    return dialer.over() || acceptor.over();
  }

  private void quiet() {
    time.runUntilQuiet(MAX_EVENTS);
  }

  private double millis() {
    return time.now() / (double) VirtualTime.MILLIS;
  }
}
