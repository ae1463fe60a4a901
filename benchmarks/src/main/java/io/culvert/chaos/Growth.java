package io.culvert.chaos;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Whether the processes of a run hold more at its end than near its beginning. Samples are taken
 * under load, so the last one is the least of those of the last fifth of the time: what has leaked
 * is in all of them.
 */
final class Growth {
  /** A shorter run ends before pools and caches have reached their size. */
  static final int MIN_SECONDS = 120;

  /** Buffers that are in use or not, threads of pools that grow and shrink, calls under way. */
  static final Sample TOLERANCE = new Sample(32L << 20, 32, 16, 32);

  private static final int SAMPLES = 20;
  private static final double WARM = 0.15;
  private static final double LATE = 0.8;

  private final Map<String, Side> sides = new LinkedHashMap<>();
  private final Map<String, Sample> first = new LinkedHashMap<>();
  private final Map<String, Sample> last = new LinkedHashMap<>();
  private final long start = System.nanoTime();
  private final long nanos;
  private long nextSample;

  Growth(Side server, Side client, int seconds) {
    sides.put("server", server);
    sides.put("client", client);
    nanos = TimeUnit.SECONDS.toNanos(seconds);
    nextSample = (long) (nanos * WARM);
  }

  /** Takes a sample if it is time. */
  void look() throws IOException {
    long now = System.nanoTime() - start;
    if (now < nextSample || now > nanos) {
      return;
    }
    nextSample = now + nanos / SAMPLES;
    for (Map.Entry<String, Side> side : sides.entrySet()) {
      Sample sample = side.getValue().sample();
      first.putIfAbsent(side.getKey(), sample);
      if (now >= nanos * LATE) {
        last.merge(side.getKey(), sample, Sample::least);
      }
    }
  }

  Map<String, Sample> first() {
    return first;
  }

  Map<String, Sample> last() {
    return last;
  }

  /** What has grown beyond the tolerance. */
  List<String> problems() {
    List<String> problems = new ArrayList<>();
    last.forEach(
        (side, sample) -> {
          if (first.get(side).exceededBy(sample, TOLERANCE)) {
            problems.add("the " + side + " holds more and more");
          }
        });
    return problems;
  }
}
