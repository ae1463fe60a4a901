package io.culvert.agent;

import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import io.culvert.websocket.UpgradeException;
import java.io.IOException;

/** The relay does not want this agent or caller, and asking again would not change that. */
public final class RelayRefusedException extends IOException {
  private static final long serialVersionUID = 1L;

  /** What the relay has against it. */
  public enum Reason {
    /** 401: there is no token, or it is unknown, revoked or expired. */
    UNAUTHORIZED,
    /** 403, or the right was taken away later: the token does not allow this name. */
    FORBIDDEN,
    /** Another agent with the same id has taken the place of this one. */
    REPLACED,
    /** 400 or another answer of its kind: it is no relay, or one that this version cannot use. */
    BAD_REQUEST,
    /** Dialing was given up after the time that the reconnect policy says. */
    UNREACHABLE
  }

  private final Reason reason;

  private RelayRefusedException(Reason reason, String message, IOException cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What ended the dialing for good; for agents and bridges. */
  public static RelayRefusedException of(IOException cause) {
    Reason reason = reason(cause);
    String said =
        switch (reason) {
          case UNAUTHORIZED -> "the relay does not know the token";
          case FORBIDDEN -> "the token does not allow this name";
          case REPLACED -> "another agent with the same id has taken the place of this one";
          case BAD_REQUEST -> "the relay does not understand the request, or it is no relay";
          case UNREACHABLE -> "the relay could not be reached in time";
        };
    return new RelayRefusedException(reason, said + ": " + cause.getMessage(), cause);
  }

  private static Reason reason(IOException cause) {
    if (cause instanceof UpgradeException answer) {
      return switch (answer.status()) {
        case 401 -> Reason.UNAUTHORIZED;
        case 403 -> Reason.FORBIDDEN;
        default -> answer.status() / 100 == 4 ? Reason.BAD_REQUEST : Reason.UNREACHABLE;
      };
    }
    if (cause instanceof TunnelException end) {
      ErrorCode code = end.code();
      if (code == ErrorCode.REPLACED) {
        return Reason.REPLACED;
      }
      if (code == ErrorCode.FORBIDDEN) {
        return Reason.FORBIDDEN;
      }
      if (code == ErrorCode.UNSUPPORTED_VERSION || code == ErrorCode.METADATA_TOO_LARGE) {
        return Reason.BAD_REQUEST;
      }
    }
    return Reason.UNREACHABLE;
  }

  /** What the relay has against it. */
  public Reason reason() {
    return reason;
  }
}
