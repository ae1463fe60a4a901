package io.culvert.testkit.teeth;

import io.culvert.testkit.WebSocketNetworkContract;
import io.culvert.testkit.teeth.Tooth.Bite;
import io.culvert.testkit.teeth.Tooth.When;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Everything that is broken, and the tests of the contract. */
final class Catalogue {
  private Catalogue() {}

  /** By theme, in the order of the page that shows them. */
  static Map<String, List<Tooth>> themes() {
    Map<String, List<Tooth>> themes = new LinkedHashMap<>();
    themes.put("Messages", SendTeeth.content());
    themes.put("Their order", SendTeeth.order());
    themes.put("Completions", SendTeeth.completions());
    themes.put("Pings", CallbackTeeth.pings());
    themes.put("Pauses", CallbackTeeth.pauses());
    themes.put("Inside callbacks", CallbackTeeth.insideCallbacks());
    themes.put("Closing", EndTeeth.closing());
    themes.put("Aborting", EndTeeth.aborting());
    themes.put("What is told of the end", EndTeeth.telling());
    themes.put("The dial", DialTeeth.answers());
    themes.put("The new WebSocket", DialTeeth.opened());
    themes.put("The upgrade, accepting", AcceptTeeth.upgrading());
    themes.put("Listening", AcceptTeeth.listening());
    themes.put("Bytes of the upgrade", WireTeeth.upgrades());
    themes.put("Frames", WireTeeth.frames());
    themes.put("TLS, proxies, leaks", NetworkTeeth.all());
    return themes;
  }

  static Stream<Bite> bites() {
    return themes().values().stream().flatMap(List::stream).flatMap(Tooth::bites);
  }

  static Stream<Bite> bites(When when) {
    return bites().filter(bite -> bite.red().when() == when);
  }

  /** The tables of the page that shows all this. */
  static String tables() {
    StringBuilder page = new StringBuilder();
    themes()
        .forEach(
            (theme, teeth) -> {
              page.append("\n### ").append(theme).append("\n\n| broken | red |\n|---|---|\n");
              teeth.forEach(tooth -> page.append(row(tooth)));
            });
    return page.toString();
  }

  private static String row(Tooth tooth) {
    return tooth
        .bites()
        .map(Bite::test)
        .distinct()
        .collect(Collectors.joining("`, `", "| " + tooth.what() + " | `", "` |\n"));
  }

  /** The tests that every subclass of the contract has, by name. */
  static Map<String, Method> tests() {
    return ReflectionSupport.findMethods(
            WebSocketNetworkContract.class,
            method -> AnnotationSupport.isAnnotated(method, Testable.class),
            HierarchyTraversalMode.TOP_DOWN)
        .stream()
        .collect(
            Collectors.toMap(
                Method::getName, Function.identity(), (one, other) -> one, TreeMap::new));
  }
}
