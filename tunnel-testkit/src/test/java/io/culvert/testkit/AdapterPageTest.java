package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.websocket.Feature;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What docs/websocket-adapters.md shows is what is compiled and tested here. */
class AdapterPageTest {
  private static final Path PAGE = Path.of("..", "docs", "websocket-adapters.md");
  private static final Path SOURCES = Path.of("src", "test", "java", "io", "culvert", "testkit");
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern FEATURE = Pattern.compile("(?m)^\\| `([A-Z_]+)` \\|");

  /** Their names are longer than any other in a table. */
  private static final Pattern TEST = Pattern.compile("(?m)^\\| `([a-z]\\w{19,})` \\|");

  @Test
  void theListingsAreTheSources() throws IOException {
    List<String> listings =
        JAVA.matcher(Files.readString(PAGE)).results().map(found -> found.group(1)).toList();
    assertEquals(
        List.of(
            code("ExampleDialer", "/** WebSockets", "\\z"),
            code("ExampleDialerContractTest", "class ", "\n  // What the library cannot do")),
        listings);
    assertTrue(listings.get(0).lines().count() < 100, "an adapter in under a hundred lines");
  }

  private static String code(String className, String from, String to) throws IOException {
    String source = Files.readString(SOURCES.resolve(className + ".java"));
    String shown = source.substring(source.indexOf("\n" + from) + 1);
    return to.equals("\\z") ? shown : shown.substring(0, shown.indexOf(to)) + "}\n";
  }

  @Test
  void theTablesNameWhatTheExampleLacks() throws IOException {
    Set<String> missing =
        new ExampleDialer().missing().stream().map(Feature::name).collect(Collectors.toSet());
    assertEquals(new TreeSet<>(missing), named(FEATURE));
    Set<String> overridden =
        Arrays.stream(ExampleDialerContractTest.class.getDeclaredMethods())
            .filter(method -> method.getReturnType() == void.class && !method.isSynthetic())
            .map(Method::getName)
            .collect(Collectors.toSet());
    assertEquals(new TreeSet<>(overridden), named(TEST));
  }

  private static Set<String> named(Pattern row) throws IOException {
    return row.matcher(Files.readString(PAGE))
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
