package io.culvert.connection;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts what {@link LinkStatistics} tells, also for a whole of which it is a part. Thread-safe.
 */
final class LinkCounters {
  /** Null: it is part of nothing. */
  private final LinkCounters whole;

  private final LongAdder cuts = new LongAdder();
  private final LongAdder resumes = new LongAdder();
  private final LongAdder replayedPackets = new LongAdder();
  private final LongAdder replayedBytes = new LongAdder();
  private final LongAdder expired = new LongAdder();

  /**
   * @param whole counts the same, and more; null for none
   */
  LinkCounters(LinkCounters whole) {
    this.whole = whole;
  }

  void cut() {
    cuts.increment();
    if (whole != null) {
      whole.cut();
    }
  }

  void resumed(Resumption resumption) {
    resumes.increment();
    replayedPackets.add(resumption.packets());
    replayedBytes.add(resumption.bytes());
    if (whole != null) {
      whole.resumed(resumption);
    }
  }

  void expired() {
    expired.increment();
    if (whole != null) {
      whole.expired();
    }
  }

  LinkStatistics statistics() {
    return new LinkStatistics(
        cuts.sum(), resumes.sum(), replayedPackets.sum(), replayedBytes.sum(), expired.sum());
  }
}
