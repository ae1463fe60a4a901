package io.culvert.testkit.teeth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.culvert.testkit.teeth.Tooth.Bite;
import io.culvert.testkit.teeth.Tooth.When;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Each test of the contract goes red when a rule that it stands for is broken. */
class ContractTeethTest {
  private static final Path PAGE = Path.of("..", "docs", "decisions", "0012-contract-seen-red.md");

  @Test
  void eachTestOfTheContractHasABreak() {
    Set<String> seen =
        Catalogue.bites().map(Bite::test).collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(Catalogue.tests().keySet()), seen);
  }

  @Test
  void thePageShowsTheCatalogue() throws IOException {
    String page = Files.readString(PAGE);
    int from = page.indexOf("\n### ");
    assertEquals(Catalogue.tables(), page.substring(from, page.indexOf("\n## ", from)));
  }

  @TestFactory
  Stream<DynamicTest> aBreakTurnsItsTestsRed() {
    return Catalogue.bites(When.AT_ONCE)
        .map(bite -> DynamicTest.dynamicTest(bite.toString(), bite::assertRed));
  }
}
