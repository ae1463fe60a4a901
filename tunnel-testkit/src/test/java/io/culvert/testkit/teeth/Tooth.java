package io.culvert.testkit.teeth;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A rule that is broken, and the tests of the contract that must go red under it.
 *
 * @param what is broken, in a few words
 * @param broken makes the break anew for each run
 */
record Tooth(String what, Supplier<Break> broken, List<Red> reds) {

  static Tooth tooth(String what, Supplier<Break> broken, Red... reds) {
    return new Tooth(what, broken, List.of(reds));
  }

  /** When a test goes red. */
  enum When {
    /** By an assertion about what came. */
    AT_ONCE,
    /** What it waits for does not come. */
    AFTER_THE_HANG_GUARD,
    /** The same, and it looks at the whole process. */
    AFTER_THE_HANG_GUARD_ALONE
  }

  /**
   * Tests that go red in the same way.
   *
   * @param text is part of each failure
   */
  record Red(When when, String text, List<String> tests) {}

  /** These tests fail by an assertion. */
  static Red fails(String text, String... tests) {
    return new Red(When.AT_ONCE, text, List.of(tests));
  }

  /** These tests wait in vain, until their hang guard ends them with this text. */
  static Red hangs(String text, String... tests) {
    return new Red(When.AFTER_THE_HANG_GUARD, text, List.of(tests));
  }

  /** These tests wait for a callback that never comes. */
  static Red hearsNothing(String... tests) {
    return hangs("no event within", tests);
  }

  /** This test waits in vain for something to be gone from the process. */
  static Red leaks(String text, String test) {
    return new Red(When.AFTER_THE_HANG_GUARD_ALONE, text, List.of(test));
  }

  /** One test under one break. */
  record Bite(Contract contract, Tooth tooth, Red red, String test) {
    @Override
    public String toString() {
      return tooth.what + ": " + test;
    }

    /** Runs the test, which must go red in the way that is expected. */
    void assertRed() throws Exception {
      contract.run(test, tooth.broken.get()).assertRed(toString(), red.text);
    }
  }

  Stream<Bite> bites(Contract contract) {
    return reds.stream()
        .flatMap(red -> red.tests().stream().map(test -> new Bite(contract, this, red, test)));
  }
}
