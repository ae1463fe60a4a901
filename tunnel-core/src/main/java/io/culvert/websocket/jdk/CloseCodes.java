package io.culvert.websocket.jdk;

import java.nio.charset.CharacterCodingException;

/** Close codes (RFC 6455 section 7.4.1), and those the JDK's client does not send. */
final class CloseCodes {
  static final int NORMAL = 1000;
  static final int GOING_AWAY = 1001;
  static final int PROTOCOL_ERROR = 1002;
  static final int NONE = 1005;
  static final int ABNORMAL = 1006;
  static final int NOT_UTF8 = 1007;
  static final int POLICY = 1008;
  static final int TOO_BIG = 1009;
  static final int INTERNAL_ERROR = 1011;

  /** RFC 6455 section 7.4.2; the JDK takes higher ones. */
  static final int LAST = 4999;

  private CloseCodes() {}

  /**
   * The code to send for this one. The JDK takes no code that it thinks a client has no use for
   * ({@code StatusCodes.isLegalToSendFromClient}). 1008 is what the RFC has for when no other code
   * suits; for a restart (1012) or too much work (1013) an endpoint that goes away comes closer.
   */
  static int sendable(int code) {
    return switch (code) {
      case PROTOCOL_ERROR, 1003, NOT_UTF8, TOO_BIG, 1010, 1014 -> POLICY;
      case 1012, 1013 -> GOING_AWAY;
      default -> code;
    };
  }

  /** How a WebSocket ends that the JDK reports an error for. */
  static int of(Throwable error) {
    if (!(error instanceof java.net.ProtocolException)) {
      return ABNORMAL;
    }
    // Its cause is a class of the JDK's that nobody may name, whose cause tells the two apart.
    Throwable violation = error.getCause();
    return violation != null && violation.getCause() instanceof CharacterCodingException
        ? NOT_UTF8
        : PROTOCOL_ERROR;
  }
}
