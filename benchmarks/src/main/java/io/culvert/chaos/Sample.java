package io.culvert.chaos;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process holds.
 *
 * @param heapBytes used after a garbage collection
 * @param threads that live
 * @param descriptors that are open; -1 where there is no {@code /proc}
 * @param streams open on its connection, of either side
 */
record Sample(long heapBytes, int threads, int descriptors, int streams) {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

  /** Of this process. Collects garbage. */
  static Sample take(int streams) {
    System.gc();
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    int threads = ManagementFactory.getThreadMXBean().getThreadCount();
    return new Sample(heap.getUsed(), threads, countDescriptors(), streams);
  }

  private static int countDescriptors() {
    try (Stream<Path> open = Files.list(DESCRIPTORS)) {
      return (int) open.count();
    } catch (IOException e) {
      return -1;
    }
  }

  /** Whether there is more of anything than this and the tolerance together. */
  boolean exceededBy(Sample later, Sample tolerance) {
    return later.heapBytes > heapBytes + tolerance.heapBytes
        || later.threads > threads + tolerance.threads
        || later.descriptors > descriptors + tolerance.descriptors
        || later.streams > streams + tolerance.streams;
  }

  /** The least of each. */
  Sample least(Sample other) {
    return new Sample(
        Math.min(heapBytes, other.heapBytes),
        Math.min(threads, other.threads),
        Math.min(descriptors, other.descriptors),
        Math.min(streams, other.streams));
  }

  /** One line that {@link #parse} reads. */
  String line() {
    return heapBytes + " " + threads + " " + descriptors + " " + streams;
  }

  static Sample parse(String line) {
    String[] words = line.split(" ", -1);
    return new Sample(
        Long.parseLong(words[0]),
        Integer.parseInt(words[1]),
        Integer.parseInt(words[2]),
        Integer.parseInt(words[3]));
  }
}
