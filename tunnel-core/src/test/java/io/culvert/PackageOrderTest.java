package io.culvert;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.elements.ClassesShould;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The package table of docs/architecture.md: imports only go down. */
class PackageOrderTest {
  private static final String BASE = "io.culvert";

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages(BASE);

  private static final String[] PURE = packages("frame", "link", "stream", "engine");

  /** Each package with those of this project that it may use besides itself; "" is the root. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ':',
      textBlock =
          """
          frame      :
          link       : frame
          stream     : frame
          engine     : frame link stream
          websocket  :
          connection : frame link stream engine websocket
          swaggersocket : frame engine websocket connection
          okhttp     : frame connection
          jetty      : frame connection
          rendezvous :
          servlet    : frame connection jetty
          """)
  void importsOnlyGoDown(String name, String below) {
    List<String> allowed = new ArrayList<>(List.of(name));
    if (below != null) {
      allowed.addAll(List.of(below.strip().split(" ", -1)));
    }
    DescribedPredicate<JavaClass> upward =
        resideInAPackage(BASE + "..")
            .and(not(resideInAnyPackage(packages(allowed.toArray(new String[0])))))
            .as("packages that do not lie below " + name);

    check(noClasses().that().resideInAPackage(within(name)).should().dependOnClassesThat(upward));
  }

  @ParameterizedTest
  @CsvSource({
    "okhttp3.., okhttp websocket.okhttp, true",
    "org.eclipse.jetty.., jetty servlet websocket.jetty, true",
    "org.eclipse.jetty.websocket.., websocket.jetty, false",
    "jakarta.servlet.., servlet websocket.jakarta, true",
    "jakarta.websocket.., websocket.jakarta, false",
    "java.net.http.., websocket.jdk, false",
    "org.java_websocket.., websocket.javawebsocket, false",
    "com.google.gson.., swaggersocket, false",
  })
  void aLibraryHasOneImporter(String library, String importers, boolean inTheApi) {
    List<String> allowedHere = new ArrayList<>(List.of(packages(importers.split(" ", -1))));
    if (inTheApi) {
      // The root is the API, and an API names the types that it takes and gives.
      allowedHere.add(BASE);
    }
    String[] allowed = allowedHere.toArray(new String[0]);

    check(
        noClasses()
            .that()
            .resideOutsideOfPackages(allowed)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(library));
  }

  @ParameterizedTest
  @CsvSource({"frame", "link", "stream", "engine", "connection"})
  void theCoreNeedsNothingButTheJdk(String name) {
    check(
        classes()
            .that()
            .resideInAPackage(within(name))
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "javax..", "org.slf4j..", BASE + ".."));
  }

  @Test
  void theWebSocketPortNeedsNothingButTheJdk() {
    check(
        classes()
            .that()
            .resideInAPackage(BASE + ".websocket")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "javax..", BASE + ".websocket"));
  }

  @Test
  void adaptersDoNotKnowEachOther() {
    check(
        SlicesRuleDefinition.slices()
            .matching(BASE + ".websocket.(*)..")
            .should()
            .notDependOnEachOther());
  }

  @ParameterizedTest
  @MethodSource("forbiddenToTheEngine")
  void theEngineOpensNoSocketStartsNoThreadAndReadsNoClock(ArchRule rule) {
    check(rule);
  }

  static Stream<ArchRule> forbiddenToTheEngine() {
    return Stream.of(
        pure()
            .dependOnClassesThat()
            .resideInAnyPackage(
                "java.io..",
                "java.net..",
                "java.nio.channels..",
                "java.nio.file..",
                "java.util.concurrent..",
                "org.slf4j.."),
        pure().dependOnClassesThat().areAssignableTo(Thread.class),
        pure().dependOnClassesThat().areAssignableTo(Timer.class),
        pure().dependOnClassesThat().resideInAPackage("java.time.."),
        pure().callMethod(System.class, "nanoTime"),
        pure().callMethod(System.class, "currentTimeMillis"),
        pure().callMethod(Object.class, "wait"),
        pure().accessField(System.class, "out"),
        pure().accessField(System.class, "err"));
  }

  /** An empty import would pass every rule. */
  @Test
  void theClassesWereFound() {
    for (String name : List.of("frame", "link", "stream", "engine", "websocket", "connection")) {
      assertTrue(
          CLASSES.stream().anyMatch(type -> type.getPackageName().equals(BASE + "." + name)), name);
    }
  }

  private static ClassesShould pure() {
    return noClasses().that().resideInAnyPackage(PURE).should();
  }

  /** Packages that do not exist yet break no rule. */
  private static void check(ArchRule rule) {
    rule.allowEmptyShould(true).check(CLASSES);
  }

  private static String within(String name) {
    return BASE + "." + name + "..";
  }

  private static String[] packages(String... names) {
    return Stream.of(names).map(PackageOrderTest::within).toArray(String[]::new);
  }
}
