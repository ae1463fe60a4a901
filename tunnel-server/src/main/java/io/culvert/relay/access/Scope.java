package io.culvert.relay.access;

import io.culvert.rendezvous.Rendezvous;

/**
 * One thing that a token allows: {@code serve:pets}, {@code connect:pets}, {@code serve:*}, {@code
 * connect:*}, {@code admin}.
 *
 * @param name the name; {@code *} for all; null with {@link Action#ADMIN}
 */
public record Scope(Action action, String name) {
  /** All names. */
  private static final String ANY = "*";

  /** What may be done. */
  public enum Action {
    /** Be an agent of the name. */
    SERVE,
    /** Open streams to the agents of the name. */
    CONNECT,
    /** See and end everything. */
    ADMIN
  }

  /** To be an agent of the name. */
  public static Scope serve(String name) {
    return new Scope(Action.SERVE, name);
  }

  /** To open streams to the agents of the name. */
  public static Scope connect(String name) {
    return new Scope(Action.CONNECT, name);
  }

  /** To see and end everything. */
  public static Scope admin() {
    return new Scope(Action.ADMIN, null);
  }

  /**
   * Reads what {@link #toString} writes.
   *
   * @throws IllegalArgumentException saying what was expected
   */
  public static Scope parse(String text) {
    if (text.equals("admin")) {
      return admin();
    }
    int colon = text.indexOf(':');
    String name = text.substring(colon + 1);
    if (name.equals(ANY) || Rendezvous.isName(name)) {
      String action = text.substring(0, Math.max(0, colon));
      if (action.equals("serve")) {
        return serve(name);
      }
      if (action.equals("connect")) {
        return connect(name);
      }
    }
    throw new IllegalArgumentException(
        "expected serve:NAME, connect:NAME or admin as a scope, with * or one label of a host name"
            + " as NAME, but got "
            + text);
  }

  /** Whether who has this scope may do what {@code wanted} names. */
  public boolean covers(Scope wanted) {
    return action == wanted.action
        && (action == Action.ADMIN || name.equals(ANY) || name.equals(wanted.name));
  }

  @Override
  public String toString() {
    return switch (action) {
      case SERVE -> "serve:" + name;
      case CONNECT -> "connect:" + name;
      case ADMIN -> "admin";
    };
  }
}
