package io.culvert.demo;

/**
 * Ends the handling of a request with a {@link Problem} as its answer. It is the caller's doing, so
 * it has no trace.
 */
final class ProblemException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient Problem problem;

  ProblemException(Problem problem) {
    super(problem.status() + " " + problem.title(), null, false, false);
    this.problem = problem;
  }

  Problem problem() {
    return problem;
  }
}
