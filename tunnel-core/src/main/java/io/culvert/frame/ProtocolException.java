package io.culvert.frame;

/** The peer broke a rule of the protocol; the connection cannot go on. */
public final class ProtocolException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  /**
   * @param code what the peer is told
   * @param message what was expected and what came
   */
  public ProtocolException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  /** A violation with the general code. */
  public ProtocolException(String message) {
    this(ErrorCode.PROTOCOL_ERROR, message);
  }

  /** What the peer is told. */
  public ErrorCode code() {
    return code;
  }
}
