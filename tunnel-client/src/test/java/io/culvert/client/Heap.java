package io.culvert.client;

import java.util.concurrent.TimeUnit;

/** What lives in the heap of this JVM, in bytes. */
final class Heap {
  private Heap() {}

  /** After a collection, which need not have found everything. */
  static long used() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** The least of several looks. */
  static long live() throws InterruptedException {
    long least = used();
    for (int i = 0; i < 4; i++) {
      TimeUnit.MILLISECONDS.sleep(50); // for what is freed in steps
      least = Math.min(least, used());
    }
    return least;
  }
}
