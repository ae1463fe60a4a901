package io.culvert.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.SocketConnection;
import io.culvert.client.TunnelClient;
import io.culvert.demo.client.api.PetApi;
import io.culvert.demo.client.model.PetData;
import io.culvert.server.TunnelServer;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README and the other pages say is so. */
class ReadmeTest {
  private static final Path ROOT = Path.of("..");
  private static final Path EXAMPLE =
      Path.of("src", "test", "java", "io", "culvert", "demo", "ReadmeExample.java");
  private static final Pattern MARKED = Pattern.compile("// README\n(.*?)// end\n", Pattern.DOTALL);
  private static final Pattern JAVA = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);
  private static final Pattern COMMAND = Pattern.compile("(?<![\\w./-])(?:scripts|\\.ci)/[\\w-]+");
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?!https?://)([^)#\\s]*)(#[^)\\s]+)?\\)");
  private static final Pattern CONFIGURATION =
      Pattern.compile("^## Configuration$(.*?)^## ", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern OPTION = Pattern.compile("(?m)^\\| `(\\w+)`");

  @Test
  void javaOfTheReadmeIsTheJavaThatIsCompiled() throws IOException {
    String shown = all(JAVA, readme());
    assertFalse(shown.isBlank(), "expected Java in the README");
    assertEquals(
        withoutSpace(all(MARKED, Files.readString(EXAMPLE))),
        withoutSpace(shown.replace("port(7000)", "port(port)").replace(":7000\"", ":\" + port")));
  }

  @Test
  void javaOfTheReadmeWorksInBothDirections() throws Exception {
    try (TunnelServer server = ReadmeExample.server(0)) {
      ReadmeExample.Dialed dialed = ReadmeExample.dialer(server.address().getPort());
      try (SocketConnection connection = dialed.connection()) {
        assertServes(dialed.pets());
        assertServes(ReadmeExample.otherWayRound(connection, server));
      }
    }
  }

  /** The first pet of a store has number 1: two stores answer, one on either side. */
  private static void assertServes(PetApi pets) throws Exception {
    assertEquals(1, pets.createPet(new PetData().name("Mia").species("cat")).getId());
    assertEquals("Mia", pets.getPet(1L, null).getName());
  }

  @Test
  void commandsOfTheReadmeExist() throws IOException {
    Set<String> commands =
        COMMAND.matcher(readme()).results().map(MatchResult::group).collect(Collectors.toSet());
    assertTrue(commands.contains("scripts/demo"), "expected scripts/demo among " + commands);
    for (String command : commands) {
      assertTrue(
          Files.isExecutable(ROOT.resolve(command)), command + " is named but is no executable");
    }
  }

  @Test
  void linksLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      for (MatchResult link : LINK.matcher(Files.readString(page)).results().toList()) {
        Path target =
            link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1)).normalize();
        if (!Files.exists(target) || !hasHeading(target, link.group(2))) {
          broken.add(page.getFileName() + " -> " + link.group());
        }
      }
    }
    assertEquals(List.of(), broken);
  }

  @Test
  void everyOptionOfTheBuildersIsInTheReadmeAndNoOther() throws IOException {
    Set<String> documented = new TreeSet<>();
    OPTION
        .matcher(all(CONFIGURATION, readme()))
        .results()
        .forEach(row -> documented.add(row.group(1)));
    Set<String> existing = new TreeSet<>(options(TunnelServer.Builder.class));
    existing.addAll(options(TunnelClient.Builder.class));
    assertEquals(existing, documented);
  }

  /** Public methods that a builder can be asked again after. */
  private static Set<String> options(Class<?> builder) {
    return Stream.of(builder.getMethods())
        .filter(method -> !Modifier.isStatic(method.getModifiers()))
        .filter(method -> method.getReturnType().isAssignableFrom(builder))
        .filter(method -> method.getReturnType() != Object.class)
        .map(Method::getName)
        .collect(Collectors.toSet());
  }

  private static String readme() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      List<Path> pages =
          new ArrayList<>(docs.filter(page -> page.toString().endsWith(".md")).toList());
      pages.add(ROOT.resolve("README.md"));
      pages.add(ROOT.resolve("CONTRIBUTING.md"));
      return pages;
    }
  }

  private static boolean hasHeading(Path page, String anchor) throws IOException {
    return anchor == null
        || Files.readAllLines(page).stream()
            .filter(line -> line.startsWith("#"))
            .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT))
            .map(title -> "#" + title.replaceAll("[^\\w -]", "").replace(' ', '-'))
            .anyMatch(anchor::equals);
  }

  private static String all(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(match -> match.group(1))
        .collect(Collectors.joining());
  }

  /** The formatter breaks lines at other places than a reader would. */
  private static String withoutSpace(String code) {
    return code.replaceAll("\\s", "");
  }
}
