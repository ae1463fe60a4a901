package io.culvert.relay;

import io.culvert.relay.access.Grant;
import io.culvert.relay.access.Scope;

/**
 * What the upgrade of a caller has said.
 *
 * @param name whose service it wants
 * @param grant what its credential stands for
 */
record CallerClaim(String name, Grant grant) {

  /** Whether its credential allows it to open streams now. */
  boolean mayConnect() {
    return grant.allows(Scope.connect(name));
  }
}
