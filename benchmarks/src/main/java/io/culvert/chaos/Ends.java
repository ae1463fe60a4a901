package io.culvert.chaos;

import io.culvert.connection.LinkStatistics;
import java.io.IOException;

/** What a side has instead of a network: its end of the tunnel. Its threads are daemons. */
interface Ends extends AutoCloseable {

  /** How it calls the other side; null if it only serves. Waits until that is possible. */
  Caller caller() throws IOException;

  /** What happened to its WebSockets; nothing if the other side tells. */
  LinkStatistics links() throws IOException;

  /** How many streams are open. */
  int streams() throws IOException;

  /** Moves to a new WebSocket. */
  void migrate() throws IOException;

  /** Where the other side dials; 0 if this side does. */
  int port();

  @Override
  void close();
}
