package io.culvert.connection;

import io.culvert.frame.ErrorCode;
import java.io.IOException;

/** A stream or its connection has failed; says why and whether the request was delivered. */
public class TunnelException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final Delivered delivered;

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
  }

  /** Why, in the protocol's terms. */
  public ErrorCode code() {
    return code;
  }

  /** Whether the request that failed has reached the service. */
  public Delivered delivered() {
    return delivered;
  }
}
