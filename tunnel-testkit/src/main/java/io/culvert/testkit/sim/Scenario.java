package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.VirtualTime.MILLIS;
import static io.culvert.testkit.sim.VirtualTime.SECONDS;

import io.culvert.engine.EngineConfig;
import io.culvert.stream.StreamLimits;
import java.util.SplittableRandom;

/**
 * What one seed makes of the two sides, the network and the course of events.
 *
 * @param largestStream how many bytes a direction of a stream may have, so that tiny windows do not
 *     make endless runs
 * @param wakeDelay the longest time from an event to the application's acting on it
 * @param pumpDelay the longest time from a change to the driver's asking for packets
 * @param faults what befalls sockets and processes
 * @param midway what happens to the connection while streams are running
 * @param midwayByDialer which side does it
 */
record Scenario(
    EngineConfig dialer,
    EngineConfig acceptor,
    SimulatedSocket.Conditions fromDialer,
    SimulatedSocket.Conditions fromAcceptor,
    int dialerStreams,
    int acceptorStreams,
    int largestStream,
    int stalls,
    long wakeDelay,
    long pumpDelay,
    Faults faults,
    Midway midway,
    boolean midwayByDialer,
    long midwayAt,
    boolean drainByDialer) {

  /** Long enough for several stalls, short enough that the workload is still running. */
  static final long WORK_TIME = 3 * SECONDS;

  private static final long LONGEST_STALL = 2 * SECONDS;

  /** A resume time that suffices for all that a run does to a link, unless it is made longer. */
  private static final long LONG = 60 * SECONDS;

  enum Midway {
    NOTHING,
    DRAIN,
    CLOSE,
    ABORT,
    CUT
  }

  static Scenario of(SplittableRandom random) {
    boolean resumes = random.nextInt(5) != 0;
    Faults faults = resumes && random.nextInt(6) != 0 ? Faults.of(random) : Faults.NONE;
    EngineConfig dialer = config(random, resumes, faults);
    EngineConfig acceptor = config(random, resumes, faults);
    return new Scenario(
        dialer,
        acceptor,
        conditions(random),
        conditions(random),
        streams(random),
        streams(random),
        Math.min(largest(dialer, acceptor), largest(acceptor, dialer)),
        random.nextInt(3) == 0 ? random.nextInt(1, 6) : 0,
        pick(random, 0, 0, MILLIS, 30 * MILLIS),
        pick(random, 0, 0, MILLIS / 10, 5 * MILLIS),
        faults,
        random.nextInt(3) == 0 ? pickOne(random, Midway.values()) : Midway.NOTHING,
        random.nextBoolean(),
        random.nextLong(WORK_TIME),
        random.nextBoolean());
  }

  /** Whether no fault of this run may end the link. */
  boolean survives() {
    return faults.survivable() && Math.min(dialer.resumeTime(), acceptor.resumeTime()) >= LONG;
  }

  String network() {
    return "dialer's " + fromDialer + ", acceptor's " + fromAcceptor + ", midway " + midway;
  }

  static long stall(SplittableRandom random) {
    return random.nextLong(LONGEST_STALL);
  }

  private static EngineConfig config(SplittableRandom random, boolean resumes, Faults faults) {
    boolean calm = faults.equals(Faults.NONE);
    // A socket that has fallen silent is found by the heartbeat alone.
    long idle =
        calm
            ? pick(random, 0, 0, 300 * MILLIS, 2 * SECONDS, 15 * SECONDS)
            : pick(random, 300 * MILLIS, SECONDS, 2 * SECONDS);
    // Rarely so impatient that a stall kills the socket: most runs are to go to their end.
    long patience = random.nextInt(10) == 0 ? SECONDS / 2 : 10 * SECONDS;
    long timeout = calm ? patience : pick(random, 2 * SECONDS, 3 * SECONDS);
    long handshake = calm ? 10 * SECONDS : pick(random, SECONDS, 5 * SECONDS);
    byte[] pingData = new byte[random.nextInt(4) == 0 ? random.nextInt(256) : 0];
    return new EngineConfig(
        limits(random),
        (int) pick(random, 1, 1000, 70_000, 300_000, 16 << 20),
        (int) pick(random, 64 << 10, 100_000, 128 << 10),
        idle,
        timeout,
        handshake,
        resumes ? resumeTime(random) : 0,
        16 << 10,
        pingData);
  }

  private static long resumeTime(SplittableRandom random) {
    return random.nextInt(8) == 0 ? pick(random, 0, 700 * MILLIS, 3 * SECONDS) : LONG;
  }

  private static StreamLimits limits(SplittableRandom random) {
    if (random.nextInt(4) == 0) {
      return StreamLimits.DEFAULT;
    }
    int window = (int) pick(random, 1, 2, 7, 100, 1500, 16 << 10, 70_000, 256 << 10);
    return new StreamLimits(
        window,
        (int) (window * pick(random, 1, 3, 64)),
        pick(random, 0, window, 100_000, 64 << 20),
        (int) pick(random, 1, 3, 100, 4096, 64 << 10),
        (int) pick(random, 1, 2, 3, 10, 1000));
  }

  /** A few hundred turns of the slower of window and send buffer. */
  private static int largest(EngineConfig writer, EngineConfig reader) {
    int turn = Math.min(writer.streams().sendBuffer(), reader.streams().window());
    return (int) Math.min(400L << 10, 300L * turn);
  }

  private static SimulatedSocket.Conditions conditions(SplittableRandom random) {
    return new SimulatedSocket.Conditions(
        pick(random, 0, MILLIS / 10, 5 * MILLIS, 100 * MILLIS),
        pick(random, 0, 0, MILLIS, 20 * MILLIS),
        pick(random, 0, 0, 0, 200_000, 5_000_000),
        pick(random, 0, 0, MILLIS, 50 * MILLIS));
  }

  private static int streams(SplittableRandom random) {
    return random.nextInt(8) == 0 ? random.nextInt(40) : random.nextInt(9);
  }

  static long pick(SplittableRandom random, long... choices) {
    return choices[random.nextInt(choices.length)];
  }

  @SafeVarargs
  private static <T> T pickOne(SplittableRandom random, T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
