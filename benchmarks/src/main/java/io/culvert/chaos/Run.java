package io.culvert.chaos;

import io.culvert.testkit.FaultProxy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One run: both sides at work, and the network between them breaking until they are done. */
final class Run {
  /** What a run may take longer than the time its work is spread over, by factor and addend. */
  private static final int SLOWER = 3;

  private static final int GRACE_SECONDS = 120;

  private final FaultProxy proxy;
  private final Side server;
  private final Side client;
  private final Breaker breaker;
  private final long deadline;

  /**
   * A run.
   *
   * @param proxy between the sides
   * @param breaker hears of the client's connection
   */
  Run(FaultProxy proxy, Side server, Side client, Breaker breaker, Amounts amounts) {
    this.proxy = proxy;
    this.server = server;
    this.client = client;
    this.breaker = breaker;
    this.deadline =
        System.nanoTime()
            + TimeUnit.SECONDS.toNanos((long) SLOWER * amounts.seconds() + GRACE_SECONDS);
  }

  /** What has come of it. */
  record Result(
      Map<Tally.Work, Tally> tallies,
      Report server,
      Report client,
      Map<Cut, List<Long>> recoveries,
      List<String> problems) {
    /** Whether nothing was lost, doubled or damaged, and nothing hangs. */
    boolean clean() {
      return problems.isEmpty() && tallies.values().stream().allMatch(Tally::clean);
    }

    /** The counts of all work, for people. */
    List<String> lines() {
      return tallies.values().stream().map(Tally::line).toList();
    }
  }

  /** Looks at the sides from time to time. */
  interface Watch {
    void look() throws IOException;
  }

  /**
   * Goes on until both sides are done and there were so many breaks, or something hangs.
   *
   * @param watch called between breaks
   */
  Result run(int breaks, Watch watch) throws IOException, InterruptedException {
    server.go();
    client.go();
    String hang = null;
    boolean working = true;
    for (int i = 0; (working || i < breaks) && hang == null; i++) {
      watch.look();
      if (!breaker.breakOnce(client)) {
        String ended = breaker.ended();
        hang = ended == null ? "the connection is not resumed" : "the connection ended: " + ended;
      } else if (System.nanoTime() - deadline >= 0) {
        hang = "the work is not done in time";
      }
      working = !(server.report().done() && client.report().done());
    }
    Cut.lift(proxy);
    return result(hang);
  }

  private Result result(String hang) throws IOException {
    Report ofServer = server.report();
    Report ofClient = client.report();
    Map<Tally.Work, Tally> sums = new EnumMap<>(Tally.Work.class);
    for (Tally.Work work : Tally.Work.values()) {
      sums.put(work, new Tally(work));
    }
    List<String> problems = new ArrayList<>();
    for (Report report : List.of(ofServer, ofClient)) {
      report.tallies().forEach(tally -> sums.get(tally.work).add(tally));
      problems.addAll(report.failures());
    }
    if (hang != null) {
      problems.add(hang);
    }
    return new Result(sums, ofServer, ofClient, breaker.recoveries(), problems);
  }
}
