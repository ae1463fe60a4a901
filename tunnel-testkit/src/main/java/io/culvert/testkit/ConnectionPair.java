package io.culvert.testkit;

import io.culvert.connection.StreamConnection;

/** Two ends of one connection, for tests. Closing it ends both and every thread of theirs. */
public interface ConnectionPair extends AutoCloseable {

  /** The end that dialed. */
  StreamConnection dialer();

  /** The end that accepted. */
  StreamConnection acceptor();

  @Override
  void close();

  /** The same connection seen the other way round, for suites that run in both directions. */
  default ConnectionPair swapped() {
    ConnectionPair original = this;
    return new ConnectionPair() {
      @Override
      public StreamConnection dialer() {
        return original.acceptor();
      }

      @Override
      public StreamConnection acceptor() {
        return original.dialer();
      }

      @Override
      public void close() {
        original.close();
      }
    };
  }
}
