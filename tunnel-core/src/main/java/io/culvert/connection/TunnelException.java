package io.culvert.connection;

import io.culvert.frame.ErrorCode;
import java.io.IOException;

/** A stream or its connection has failed; says why and whether the request was delivered. */
public class TunnelException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final Delivered delivered;
  private final String reason;

  public TunnelException(ErrorCode code, Delivered delivered, String message, Throwable cause) {
    super(
        message
            + " ["
            + code
            + ", delivered: "
            + delivered.name().toLowerCase(java.util.Locale.ROOT)
            + "]",
        cause);
    this.code = code;
    this.delivered = delivered;
    this.reason = message;
  }

  /** Why, in the protocol's terms. */
  public ErrorCode code() {
    return code;
  }

  /** Why, in words: the message without {@link #code} and {@link #delivered}. */
  public String reason() {
    return reason;
  }

  /** Whether the request that failed has reached the service. */
  public Delivered delivered() {
    return delivered;
  }
}
