package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.wires;

import io.culvert.testkit.teeth.Tooth.Bite;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;

/** What {@link ContractTeethTest} breaks is green as long as nothing is broken. */
@Tag("slow")
class UnbrokenAdapterTest {
  private static final int AT_A_TIME = 3;

  /** It looks at the whole process. */
  private static final String ALONE = "aThousandWebSocketsLeaveNothingBehind";

  @TestFactory
  List<DynamicTest> whatStandsBetweenBreaksNothing() {
    Pool pool = new Pool(AT_A_TIME);
    for (Contract contract : Contract.values()) {
      Set<String> tests = new TreeSet<>(contract.tests().keySet());
      tests.removeAll(contract.byHand());
      tests.remove(ALONE);
      tests.forEach(test -> pool.add(test, () -> contract.run(test, new Break()).assertGreen()));
    }
    pool.addAlone(ALONE, () -> Contract.WEB_SOCKET.run(ALONE, new Break()).assertGreen());
    return pool.tests();
  }

  @TestFactory
  List<DynamicTest> aWireBreaksNothing() {
    return green(
        Stream.concat(WireTeeth.upgrades().stream(), WireTeeth.frames().stream()), Wire::new);
  }

  /** Frames are taken apart and put together. */
  @TestFactory
  List<DynamicTest> aWireOfFramesBreaksNothing() {
    return green(WireTeeth.frames().stream(), Frames::new);
  }

  private static List<DynamicTest> green(Stream<Tooth> teeth, Supplier<Wire> wire) {
    Pool pool = new Pool(AT_A_TIME);
    teeth
        .flatMap(tooth -> tooth.bites(Contract.WEB_SOCKET))
        .map(Bite::test)
        .distinct()
        .forEach(
            test ->
                pool.add(
                    test, () -> Contract.WEB_SOCKET.run(test, wires(wire.get())).assertGreen()));
    return pool.tests();
  }

  private static final class Frames extends Wire {
    @Override
    void incoming(InputStream from, OutputStream to) throws IOException {
      frames(from, to, Frame::write);
    }

    @Override
    void outgoing(InputStream from, OutputStream to) throws IOException {
      frames(from, to, Frame::write);
    }
  }
}
