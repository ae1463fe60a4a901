package io.culvert.chaos;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** Prints what has come of a run. */
final class Table {
  private static final double NANOS_PER_MILLI = 1e6;
  private static final int MOST_PROBLEMS = 20;

  private final PrintStream out;

  Table(PrintStream out) {
    this.out = out;
  }

  /**
   * Prints a run.
   *
   * @param problems all that went wrong besides what is lost, doubled or damaged
   */
  void print(Run.Result result, Growth growth, List<String> problems) {
    work(result.tallies());
    cuts(result.recoveries());
    line("sockets", "cuts", "resumes", "replayed", "KiB", "expired");
    links("server", result.server());
    links("client", result.client());
    out.println();
    growth(growth);
    problems.stream().limit(MOST_PROBLEMS).forEach(p -> out.println("PROBLEM: " + p));
    boolean clean = result.clean() && problems.isEmpty();
    out.println(clean ? "nothing lost, doubled or damaged" : "NOT CLEAN");
  }

  private void growth(Growth growth) {
    line("held", "heap MiB", "threads", "files", "streams");
    growth.first().forEach((side, sample) -> sample(side + ", at first", sample));
    growth.last().forEach((side, sample) -> sample(side + ", at last", sample));
    out.println();
  }

  private void sample(String name, Sample sample) {
    line(name, sample.heapBytes() >> 20, sample.threads(), sample.descriptors(), sample.streams());
  }

  private void work(Map<Tally.Work, Tally> tallies) {
    line("work", "sent", "answered", "once", "twice", "lost", "wrong");
    for (Tally tally : tallies.values()) {
      long[] counts = tally.counts();
      Object[] cells = new Object[counts.length];
      for (int i = 0; i < counts.length; i++) {
        cells[i] = counts[i];
      }
      line(tally.work.toString(), cells);
    }
    out.println();
  }

  private void cuts(Map<Cut, List<Long>> recoveries) {
    line("recovery in ms", "cuts", "p50", "p99", "max");
    for (Cut cut : Cut.values()) {
      recovery(cut.toString(), recoveries.get(cut));
    }
    recovery("all noticed at once", of(recoveries, cut -> cut.group == Cut.Group.CLEAN));
    recovery("all found by the heartbeat", of(recoveries, cut -> cut.group == Cut.Group.SILENT));
    recovery("all but harmless", of(recoveries, cut -> cut.group != Cut.Group.HARMLESS));
    out.println();
  }

  private static List<Long> of(Map<Cut, List<Long>> recoveries, Predicate<Cut> which) {
    List<Long> all = new ArrayList<>();
    recoveries.forEach(
        (cut, times) -> {
          if (which.test(cut)) {
            all.addAll(times);
          }
        });
    return all;
  }

  private void recovery(String name, List<Long> nanos) {
    List<Long> sorted = nanos.stream().sorted().toList();
    if (sorted.isEmpty()) {
      line(name, 0);
    } else {
      line(name, sorted.size(), millis(sorted, 0.5), millis(sorted, 0.99), millis(sorted, 1));
    }
  }

  private static String millis(List<Long> sorted, double share) {
    int index = (int) Math.ceil(share * sorted.size()) - 1;
    return String.format(Locale.ROOT, "%.0f", sorted.get(index) / NANOS_PER_MILLI);
  }

  private void links(String name, Report report) {
    line(
        name,
        report.link().cuts(),
        report.link().resumes(),
        report.link().replayedPackets(),
        report.link().replayedBytes() >> 10,
        report.link().expired());
  }

  private void line(String name, Object... cells) {
    StringBuilder line = new StringBuilder(String.format("%-28s", name));
    for (Object cell : cells) {
      line.append(String.format("%10s", cell));
    }
    out.println(line);
  }
}
