package io.culvert.chaos;

import java.util.Locale;

/** What a side is. */
enum Role {
  /** Of the library: listens, serves and calls. */
  SERVER,
  /** Of the library: dials, serves and calls. */
  CLIENT,
  /** Listens, and calls the agent's service as the public does. */
  RELAY,
  /** Dials, and has the service. */
  AGENT;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
