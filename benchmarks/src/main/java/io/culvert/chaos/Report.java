package io.culvert.chaos;

import io.culvert.connection.LinkStatistics;
import java.util.ArrayList;
import java.util.List;

/**
 * What a side has counted.
 *
 * @param done whether all its calls have ended
 * @param tallies one for each kind of work
 * @param failures calls that have failed, and of what
 * @param link what happened to its WebSockets
 */
record Report(boolean done, List<Tally> tallies, List<String> failures, LinkStatistics link) {
  private static final String TALLY = "tally ";
  private static final String FAILURE = "failure ";
  private static final String LINK = "link ";
  private static final String DONE = "done";

  /** Lines that {@link #parse} reads. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    tallies.forEach(tally -> lines.add(TALLY + tally.line()));
    failures.forEach(failure -> lines.add(FAILURE + failure));
    lines.add(
        String.format(
            LINK + "%d %d %d %d %d",
            link.cuts(),
            link.resumes(),
            link.replayedPackets(),
            link.replayedBytes(),
            link.expired()));
    if (done) {
      lines.add(DONE);
    }
    return lines;
  }

  static Report parse(List<String> lines) {
    List<Tally> tallies = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    LinkStatistics link = LinkStatistics.NONE;
    for (String line : lines) {
      if (line.startsWith(TALLY)) {
        tallies.add(Tally.parse(line.substring(TALLY.length())));
      } else if (line.startsWith(FAILURE)) {
        failures.add(line.substring(FAILURE.length()));
      } else if (line.startsWith(LINK)) {
        link = link(line.substring(LINK.length()));
      }
    }
    return new Report(lines.contains(DONE), tallies, failures, link);
  }

  private static LinkStatistics link(String line) {
    String[] words = line.split(" ", -1);
    return new LinkStatistics(
        Long.parseLong(words[0]),
        Long.parseLong(words[1]),
        Long.parseLong(words[2]),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]));
  }
}
