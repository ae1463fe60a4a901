package io.culvert.chaos;

import java.io.IOException;

/** The server or the client, in this process or in one of its own. Thread-safe. */
interface Side extends AutoCloseable {

  /** Hears what happens to the connection; called one at a time. */
  interface Listener {
    /** Hears nothing. */
    Listener NONE = new Listener() {};

    /** The connection has lost its WebSocket. */
    default void detached() {}

    /** The connection has a WebSocket again. */
    default void resumed() {}

    /** The connection has ended, which it should not before {@link Side#close}. */
    default void ended(String why) {}
  }

  /** Begins to call the other side. */
  void go() throws IOException;

  /** What it has counted so far. */
  Report report() throws IOException;

  /** What it holds now. */
  Sample sample() throws IOException;

  /** Moves the connection to a new WebSocket; of the client only. Does not wait. */
  void migrate() throws IOException;

  /** What its threads do, for people. */
  String threads() throws IOException;

  @Override
  void close();
}
