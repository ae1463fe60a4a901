package io.culvert.chaos;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/** What became of one kind of work that one side asked for. Thread-safe. */
final class Tally {
  /** What is asked for, and what is counted of it. */
  enum Work {
    POSTS,
    UPLOADED_MIB,
    DOWNLOADED_MIB,
    MESSAGES,
    EVENTS;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT).replace('_', ' ').replace("mib", "MiB");
    }
  }

  final Work work;
  final AtomicLong sent = new AtomicLong();
  final AtomicLong answered = new AtomicLong();
  final AtomicLong once = new AtomicLong();
  final AtomicLong twice = new AtomicLong();
  final AtomicLong lost = new AtomicLong();
  final AtomicLong wrong = new AtomicLong();

  Tally(Work work) {
    this.work = work;
  }

  /** Numbered things that come one after the other. Not thread-safe. */
  final class Sequence {
    private long next;

    /** The one with this number has come; -1: something damaged. */
    void came(int number) {
      answered.incrementAndGet();
      if (number < 0) {
        wrong.incrementAndGet();
      } else if (number < next) {
        twice.incrementAndGet();
      } else {
        lost.addAndGet(number - next);
        once.incrementAndGet();
        next = number + 1L;
      }
    }

    /** No more come; all with a lower number than this should have. */
    void ended(long count) {
      lost.addAndGet(Math.max(0, count - next));
    }
  }

  /** Adds what another side has counted. */
  void add(Tally other) {
    long[] counts = other.counts();
    AtomicLong[] mine = all();
    for (int i = 0; i < counts.length; i++) {
      mine[i].addAndGet(counts[i]);
    }
  }

  /** Whether nothing is lost, doubled or damaged, and everything was answered. */
  boolean clean() {
    return twice.get() == 0
        && lost.get() == 0
        && wrong.get() == 0
        && sent.get() == answered.get()
        && sent.get() == once.get();
  }

  private AtomicLong[] all() {
    return new AtomicLong[] {sent, answered, once, twice, lost, wrong};
  }

  /** Sent, answered, once, twice, lost, wrong. */
  long[] counts() {
    AtomicLong[] all = all();
    long[] counts = new long[all.length];
    for (int i = 0; i < all.length; i++) {
      counts[i] = all[i].get();
    }
    return counts;
  }

  /** One line that {@link #parse} reads. */
  String line() {
    StringBuilder line = new StringBuilder(work.name());
    for (long count : counts()) {
      line.append(' ').append(count);
    }
    return line.toString();
  }

  static Tally parse(String line) {
    String[] words = line.split(" ", -1);
    Tally tally = new Tally(Work.valueOf(words[0]));
    AtomicLong[] all = tally.all();
    for (int i = 0; i < all.length; i++) {
      all[i].set(Long.parseLong(words[i + 1]));
    }
    return tally;
  }
}
