package io.culvert.connection;

import java.util.concurrent.atomic.LongAdder;

/** Counts what {@link LinkStatistics} tells. Thread-safe. */
final class LinkCounters {
  private final LongAdder cuts = new LongAdder();
  private final LongAdder resumes = new LongAdder();
  private final LongAdder replayedPackets = new LongAdder();
  private final LongAdder replayedBytes = new LongAdder();
  private final LongAdder expired = new LongAdder();

  void cut() {
    cuts.increment();
  }

  void resumed(Resumption resumption) {
    resumes.increment();
    replayedPackets.add(resumption.packets());
    replayedBytes.add(resumption.bytes());
  }

  void expired() {
    expired.increment();
  }

  LinkStatistics statistics() {
    return new LinkStatistics(
        cuts.sum(), resumes.sum(), replayedPackets.sum(), replayedBytes.sum(), expired.sum());
  }
}
