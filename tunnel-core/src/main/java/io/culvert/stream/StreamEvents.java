package io.culvert.stream;

/**
 * What happens to streams. Called in the middle of a state change: implementations take note and
 * return; they must not call back.
 */
public interface StreamEvents {
  /** The peer has opened a stream. Before any other event of that stream. */
  void opened(Stream stream);

  /** Reading would no longer wait: bytes, the end, or a failure. */
  void readable(Stream stream);

  /** Writing would no longer wait: room in the send buffer, or a failure. */
  void writable(Stream stream);

  /** The stream has ended on the wire. Once per stream, the last event of it. */
  void closed(Stream stream);

  /** Waiting to open a stream is over: the peer allows more, or none will be opened any more. */
  void mayOpen();
}
