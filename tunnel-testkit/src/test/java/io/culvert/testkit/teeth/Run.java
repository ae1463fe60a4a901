package io.culvert.testkit.teeth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.testkit.RecordingListener;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** One run of one test of a contract, up to the first invocation that fails. */
final class Run {
  private static final String ID = "culvert.teeth.run";
  private static final Map<String, Run> RUNS = new ConcurrentHashMap<>();
  private static final AtomicInteger NUMBER = new AtomicInteger();

  /** Recursion without end is to end soon. */
  private static final long STACK_BYTES = 512 * 1024;

  /** More than any wait of a test with the hang guard of these runs; then it is interrupted. */
  private static final Duration PATIENCE = RecordingListener.HANG_GUARD.multipliedBy(4);

  private final Break broken;
  private final AtomicInteger ended = new AtomicInteger();
  private final List<Throwable> failures = Collections.synchronizedList(new ArrayList<>());

  private Run(Break broken) {
    this.broken = broken;
  }

  /**
   * How a test ended.
   *
   * @param ended how many of its invocations did, also those that assumed something else
   */
  record Outcome(int ended, List<Throwable> failures) {

    void assertGreen() {
      assertTrue(ended > 0, "nothing ran");
      assertEquals("", text());
    }

    /** Red, with this text, and not because the break itself is out of order. */
    void assertRed(String name, String text) {
      assertFalse(failures.isEmpty(), name + " stays green");
      String found = text();
      assertTrue(
          found.contains(text), () -> name + " should say: " + text + "\nbut says: " + found);
      for (Class<?> mistake : List.of(NullPointerException.class, ClassCastException.class)) {
        assertFalse(found.contains(mistake.getName()), found);
      }
    }

    /** What went wrong, with the causes; empty if nothing did. */
    private String text() {
      return failures.stream().map(Outcome::text).collect(Collectors.joining("\n"));
    }

    private static String text(Throwable failure) {
      StringBuilder text = new StringBuilder();
      for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
        text.append(cause).append('\n');
      }
      return text.toString();
    }
  }

  static Outcome of(Class<?> subject, Method test, Break broken) throws Exception {
    Run run = new Run(broken);
    String id = "run-" + NUMBER.incrementAndGet();
    RUNS.put(id, run);
    try {
      run.execute(subject, test, id);
    } finally {
      RUNS.remove(id);
      broken.over();
    }
    return new Outcome(run.ended.get(), List.copyOf(run.failures));
  }

  private void execute(Class<?> subject, Method test, String id) throws InterruptedException {
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(DiscoverySelectors.selectMethod(subject, test))
            .configurationParameter(ID, id)
            .build();
    LauncherConfig alone =
        LauncherConfig.builder()
            .enableLauncherSessionListenerAutoRegistration(false)
            .enableLauncherDiscoveryListenerAutoRegistration(false)
            .enableTestExecutionListenerAutoRegistration(false)
            .enablePostDiscoveryFilterAutoRegistration(false)
            .build();
    Thread thread =
        new Thread(
            null,
            () -> LauncherFactory.create(alone).execute(request, new Results()),
            "culvert-teeth-" + test.getName(),
            STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    thread.join(PATIENCE.toMillis());
    if (thread.isAlive()) {
      thread.interrupt(); // as the time limit of the contract would, only later
      thread.join(PATIENCE.toMillis());
    }
    if (thread.isAlive()) {
      AssertionError stuck = new AssertionError("deaf to interrupts");
      stuck.setStackTrace(thread.getStackTrace());
      throw new AssertionError(test.getName() + " never ends", stuck);
    }
  }

  private final class Results implements TestExecutionListener {
    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      if (test.isTest()) {
        ended.incrementAndGet();
      }
      if (result.getStatus() == TestExecutionResult.Status.FAILED) {
        failures.add(result.getThrowable().orElseThrow());
      }
    }
  }

  /** Gives each test what is broken, and leaves out what comes after a failure. */
  static final class Extension implements TestInstancePostProcessor, ExecutionCondition {

    @Override
    public void postProcessTestInstance(Object test, ExtensionContext context) {
      ((Breakable) test).setBroken(run(context).broken);
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return run(context).failures.isEmpty()
          ? ConditionEvaluationResult.enabled("nothing has failed")
          : ConditionEvaluationResult.disabled("one failure is enough");
    }

    private static Run run(ExtensionContext context) {
      return RUNS.get(context.getConfigurationParameter(ID).orElseThrow());
    }
  }
}
