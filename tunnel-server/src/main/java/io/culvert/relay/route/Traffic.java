package io.culvert.relay.route;

import java.util.concurrent.atomic.LongAdder;

/** What has gone through one connection of an agent or a caller. Thread-safe. */
public final class Traffic {
  private final LongAdder exchanges = new LongAdder();
  private final LongAdder received = new LongAdder();
  private final LongAdder sent = new LongAdder();

  /**
   * An exchange, or a stream of bytes, is over.
   *
   * @param bytesReceived from the side that asked: requests
   * @param bytesSent to the side that asked: responses
   */
  public void add(long bytesReceived, long bytesSent) {
    exchanges.increment();
    received.add(Math.max(0, bytesReceived));
    sent.add(Math.max(0, bytesSent));
  }

  /** How many are over. */
  public long exchanges() {
    return exchanges.sum();
  }

  /** Bytes of requests. */
  public long received() {
    return received.sum();
  }

  /** Bytes of responses. */
  public long sent() {
    return sent.sum();
  }
}
