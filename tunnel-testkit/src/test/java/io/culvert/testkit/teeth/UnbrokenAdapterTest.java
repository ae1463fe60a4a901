package io.culvert.testkit.teeth;

import static io.culvert.testkit.teeth.Break.wires;

import io.culvert.testkit.teeth.Tooth.Bite;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What {@link ContractTeethTest} breaks is green as long as nothing is broken. */
class UnbrokenAdapterTest {

  @TestFactory
  List<DynamicTest> whatStandsBetweenBreaksNothing() {
    Pool pool = new Pool(3);
    Map<String, Method> tests = Catalogue.tests();
    Method alone = tests.remove("aThousandWebSocketsLeaveNothingBehind");
    tests.forEach((name, test) -> pool.add(name, () -> assertGreen(test)));
    pool.addAlone(alone.getName(), () -> assertGreen(alone));
    return pool.tests();
  }

  private static void assertGreen(Method test) throws Exception {
    Run.of(test, new Break()).assertGreen();
  }

  @TestFactory
  Stream<DynamicTest> aWireBreaksNothing() {
    Map<String, Method> tests = Catalogue.tests();
    return Stream.concat(WireTeeth.upgrades().stream(), WireTeeth.frames().stream())
        .flatMap(Tooth::bites)
        .map(Bite::test)
        .distinct()
        .map(
            test ->
                DynamicTest.dynamicTest(
                    test, () -> Run.of(tests.get(test), wires(new Wire())).assertGreen()));
  }

  /** Taken apart and put together. */
  @TestFactory
  Stream<DynamicTest> aWireOfFramesBreaksNothing() {
    Map<String, Method> tests = Catalogue.tests();
    return WireTeeth.frames().stream()
        .flatMap(Tooth::bites)
        .map(Bite::test)
        .distinct()
        .map(
            test ->
                DynamicTest.dynamicTest(
                    test, () -> Run.of(tests.get(test), wires(new Frames())).assertGreen()));
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
