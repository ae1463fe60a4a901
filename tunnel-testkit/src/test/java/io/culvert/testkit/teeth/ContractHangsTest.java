package io.culvert.testkit.teeth;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener;
import io.culvert.testkit.teeth.Tooth.When;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** As {@link ContractTeethTest}, for what is red because something never comes. */
@Tag("hangs") // in a JVM with a short hang guard
class ContractHangsTest {
  /** They hardly do anything but wait. */
  private static final int AT_A_TIME = 6;

  @Test
  void theHangGuardIsShort() {
    assertTrue(RecordingListener.HANG_GUARD.compareTo(Duration.ofSeconds(5)) < 0);
  }

  @TestFactory
  List<DynamicTest> aBreakLeavesItsTestsWaiting() {
    Pool pool = new Pool(AT_A_TIME);
    Contract.bites(When.AFTER_THE_HANG_GUARD)
        .forEach(bite -> pool.add(bite.toString(), bite::assertRed));
    Contract.bites(When.AFTER_THE_HANG_GUARD_ALONE)
        .forEach(bite -> pool.addAlone(bite.toString(), bite::assertRed));
    return pool.tests();
  }
}
