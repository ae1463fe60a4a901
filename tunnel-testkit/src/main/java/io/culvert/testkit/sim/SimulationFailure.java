package io.culvert.testkit.sim;

import com.google.errorprone.annotations.FormatMethod;

/** A rule that must always hold did not. */
public final class SimulationFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  SimulationFailure(String message) {
    super(message);
  }

  SimulationFailure(String message, Throwable cause) {
    super(message, cause);
  }

  @FormatMethod
  static void check(boolean holds, String format, Object... args) {
    if (!holds) {
      throw new SimulationFailure(String.format(format, args));
    }
  }
}
