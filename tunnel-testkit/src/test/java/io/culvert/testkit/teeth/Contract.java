package io.culvert.testkit.teeth;

import io.culvert.testkit.BlockingWebSocketThreadsContract;
import io.culvert.testkit.WebSocketNetworkContract;
import io.culvert.testkit.teeth.Tooth.Bite;
import io.culvert.testkit.teeth.Tooth.When;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** A contract, and the catalogue of what is broken to see its tests red. */
enum Contract {
  /** The port. */
  WEB_SOCKET(WebSocketNetworkContract.class, BrokenAdapter.class) {
    @Override
    Map<String, List<Tooth>> themes() {
      Map<String, List<Tooth>> themes = new LinkedHashMap<>();
      themes.put("Messages", MessageTeeth.all());
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

    @Override
    Set<String> byHand() {
      return Set.of();
    }
  },

  /** The blocking facade over a dialer. */
  BLOCKING(BlockingWebSocketThreadsContract.class, BrokenBlockingAdapter.class) {
    @Override
    Map<String, List<Tooth>> themes() {
      return Map.of("The blocking facade", BlockingTeeth.all());
    }

    @Override
    Set<String> byHand() {
      return BlockingTeeth.BY_HAND;
    }
  };

  private final Class<?> suite;
  private final Class<?> subject;

  Contract(Class<?> suite, Class<?> subject) {
    this.suite = suite;
    this.subject = subject;
  }

  /** By theme, in the order of the page that shows them. */
  abstract Map<String, List<Tooth>> themes();

  /** Tests of what no adapter can break; the page says how each was seen red. */
  abstract Set<String> byHand();

  final Stream<Bite> bites() {
    return themes().values().stream().flatMap(List::stream).flatMap(tooth -> tooth.bites(this));
  }

  static Stream<Bite> bites(When when) {
    return Stream.of(values()).flatMap(Contract::bites).filter(bite -> bite.red().when() == when);
  }

  /** The tests that every subclass of the suite has, by name. */
  final Map<String, Method> tests() {
    return ReflectionSupport.findMethods(
            suite,
            method -> AnnotationSupport.isAnnotated(method, Testable.class),
            HierarchyTraversalMode.TOP_DOWN)
        .stream()
        .collect(
            Collectors.toMap(
                Method::getName, Function.identity(), (one, other) -> one, TreeMap::new));
  }

  /** Runs one of them. */
  final Run.Outcome run(String test, Break broken) throws Exception {
    return Run.of(subject, tests().get(test), broken);
  }

  /** The tables of the page that shows all this. */
  static String tables() {
    return Stream.of(values())
        .flatMap(contract -> contract.themes().entrySet().stream())
        .map(theme -> table(theme.getKey(), theme.getValue()))
        .collect(Collectors.joining());
  }

  private static String table(String theme, List<Tooth> teeth) {
    return teeth.stream()
        .map(Contract::row)
        .collect(
            Collectors.joining("", "\n### " + theme + "\n\n| broken | red |\n|---|---|\n", ""));
  }

  private static String row(Tooth tooth) {
    return tooth.reds().stream()
        .flatMap(red -> red.tests().stream())
        .distinct()
        .collect(Collectors.joining("`, `", "| " + tooth.what() + " | `", "` |\n"));
  }
}
