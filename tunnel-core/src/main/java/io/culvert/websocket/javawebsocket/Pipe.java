package io.culvert.websocket.javawebsocket;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Bytes of a non-blocking socket, with or without TLS. Reading is for the loop thread; everything
 * else for whoever holds the lock of {@link Outbound}.
 */
interface Pipe {

  /** Reads what is there; 0 if nothing is, -1 at the end of the stream. */
  int read(ByteBuffer destination) throws IOException;

  /** Whether {@link #read} has something to give although the socket may have nothing. */
  boolean buffered();

  /**
   * Writes as much as the socket takes.
   *
   * @return true when the socket has taken all of it; else the same buffer must be offered again
   */
  boolean write(ByteBuffer source) throws IOException;

  /** Writes what the pipe itself has to say; true when nothing is left to write. */
  boolean flush() throws IOException;

  /** Whether it is the socket that refused bytes, so that its becoming writable will help. */
  boolean blocked();

  /** Whether nothing can be written until more has been read. */
  boolean handshaking();

  /** Says that nothing more will be written. */
  void shutdownOutput() throws IOException;

  /** Whether TLS protects the bytes. */
  boolean secure();
}
