package io.culvert.connection;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The blocking half of a stream, as its {@code java.io} streams need it. */
public interface BlockingChannel {

  /**
   * Waits for at least one byte, the end, a failure or the read timeout.
   *
   * @return the number of bytes put into {@code target}, or -1 at the end
   */
  int readBlocking(ByteBuffer target) throws IOException;

  /** Returns when the send buffer has taken the last byte. */
  void writeBlocking(ByteBuffer source) throws IOException;

  /** What a read gets without waiting. */
  int available();

  /** Closes the stream. */
  void close();
}
