package io.culvert.testkit.teeth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.testkit.teeth.Tooth.Bite;
import io.culvert.testkit.teeth.Tooth.When;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each test of a contract goes red when a rule that it stands for is broken. */
class ContractTeethTest {
  private static final Path PAGE = Path.of("..", "docs", "decisions", "0012-contract-seen-red.md");

  @ParameterizedTest
  @EnumSource(Contract.class)
  void eachTestOfTheContractHasABreak(Contract contract) {
    Set<String> seen = new TreeSet<>(contract.byHand());
    contract.bites().map(Bite::test).forEach(seen::add);
    assertEquals(new TreeSet<>(contract.tests().keySet()), seen);
  }

  @Test
  void thePageShowsTheCatalogue() throws IOException {
    String page = Files.readString(PAGE);
    int from = page.indexOf("\n### ");
    assertEquals(Contract.tables(), page.substring(from, page.indexOf("\n## ", from)));
  }

  @TestFactory
  Stream<DynamicTest> aBreakTurnsItsTestsRed() {
    return Contract.bites(When.AT_ONCE)
        .map(bite -> DynamicTest.dynamicTest(bite.toString(), bite::assertRed));
  }
}
