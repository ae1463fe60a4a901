package io.culvert.relay;

import io.culvert.relay.access.Grant;
import io.culvert.relay.access.Scope;

/** The grant of all who come to a relay without credentials: they are on its machine. */
final class Everybody implements Grant {
  static final Everybody GRANT = new Everybody();

  private Everybody() {}

  @Override
  public String identity() {
    return "everybody";
  }

  @Override
  public boolean allows(Scope wanted) {
    return true;
  }

  @Override
  public boolean ended() {
    return false;
  }
}
