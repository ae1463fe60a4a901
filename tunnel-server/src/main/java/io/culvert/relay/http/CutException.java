package io.culvert.relay.http;

import java.io.IOException;

/** A response that cannot be written to its end. */
final class CutException extends IOException {
  private static final long serialVersionUID = 1L;

  CutException(Problem problem) {
    super(problem.code() + ": " + problem.detail());
  }

  /** It tells of a service, not of a place in the relay. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
