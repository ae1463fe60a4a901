package io.culvert.testkit.teeth;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.Executable;

/** Runs several tests at a time, each of which hardly does anything but wait. For one thread. */
final class Pool {
  private final ExecutorService threads;
  private final List<DynamicTest> tests = new ArrayList<>();

  Pool(int atATime) {
    threads = Executors.newFixedThreadPool(atATime, work -> new Thread(work, "teeth-pool"));
  }

  /** Begins a test, whose outcome is awaited in its turn. */
  void add(String name, Executable test) {
    Future<Throwable> outcome = threads.submit(() -> failure(test));
    tests.add(
        DynamicTest.dynamicTest(
            name,
            () -> {
              Throwable failure = outcome.get();
              if (failure != null) {
                throw failure;
              }
            }));
  }

  /** Adds a test that runs when all before it have ended. */
  void addAlone(String name, Executable test) {
    tests.add(DynamicTest.dynamicTest(name, test));
  }

  /** All of them; no more can be added. */
  List<DynamicTest> tests() {
    threads.shutdown();
    return tests;
  }

  private static Throwable failure(Executable test) {
    try {
      test.execute();
      return null;
    } catch (Throwable e) {
      return e;
    }
  }
}
