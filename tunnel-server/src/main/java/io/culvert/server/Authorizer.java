package io.culvert.server;

import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeRequest;
import java.util.Optional;

/** Decides who may connect, before any state of a connection exists. */
@FunctionalInterface
public interface Authorizer {

  /**
   * Looks at an upgrade request; must not block. An exception refuses with status 500.
   *
   * @return empty to let it in, else the answer, such as 401 with {@code WWW-Authenticate}, or 403
   */
  Optional<Upgrade.Refuse> authorize(UpgradeRequest request);
}
