package io.culvert.agent;

import io.culvert.frame.ErrorCode;
import java.io.IOException;

/** The upstream could not be connected; nothing was sent to it. */
final class UpstreamException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  UpstreamException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** One of the UPSTREAM codes, or REFUSED if the agent did not try. */
  ErrorCode code() {
    return code;
  }
}
