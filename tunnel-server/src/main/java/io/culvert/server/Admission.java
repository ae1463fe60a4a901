package io.culvert.server;

import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeRequest;
import java.util.Objects;

/** Whether a dialer is let in, and as whom: decided before any state of a connection exists. */
public sealed interface Admission {

  /**
   * The dialer may connect.
   *
   * @param principal who it is: only the same one can resume the connection, and {@link
   *     TunnelServer.Builder#maxDetached} counts by it; "" if everybody is the same
   * @param attachment what {@link io.culvert.SocketConnection#attachment} gives, such as what the
   *     dialer may do; null for nothing. It is that of the upgrade that made the connection: one
   *     that resumes it does not replace it
   */
  record Admitted(String principal, Object attachment) implements Admission {
    public Admitted {
      Objects.requireNonNull(principal, "principal");
    }
  }

  /** The dialer is answered with an HTTP error, such as 401 with {@code WWW-Authenticate}. */
  record Refused(Upgrade.Refuse answer) implements Admission {
    public Refused {
      Objects.requireNonNull(answer, "answer");
    }
  }

  /** Makes the decision. */
  @FunctionalInterface
  interface Policy {
    /**
     * Looks at an upgrade request, of a new connection or of one that resumes; must not block. An
     * exception refuses with status 500.
     */
    Admission admit(UpgradeRequest request);
  }
}
