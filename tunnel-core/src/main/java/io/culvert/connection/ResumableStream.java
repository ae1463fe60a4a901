package io.culvert.connection;

import java.time.Duration;

/**
 * A stream of a connection that may be without a WebSocket for a while. It stands still meanwhile,
 * and so do these clocks; only when the connection ends for want of a WebSocket does the stream
 * fail.
 */
public interface ResumableStream extends TunnelStream {

  /**
   * Like {@link #readTimeout}, which it replaces and which replaces it; time in which the
   * connection is without a WebSocket does not count.
   */
  void attachedReadTimeout(Duration timeout);

  /**
   * Bounds each blocking write; zero (the default) means no bound. A write that takes longer throws
   * {@link java.net.SocketTimeoutException}; an unknown part of its bytes was taken. Time in which
   * the connection is without a WebSocket does not count. Applies to the next write.
   */
  void attachedWriteTimeout(Duration timeout);
}
