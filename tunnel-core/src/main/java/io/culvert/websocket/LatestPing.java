package io.culvert.websocket;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Sends pings one at a time. Of those that come while one is being written only the latest waits:
 * the peer may answer that one alone anyway (RFC 6455 section 5.5.3). Thread-safe; calls the
 * library under no lock.
 */
final class LatestPing {
  private final Function<ByteBuffer, CompletionStage<?>> write;

  // All below is guarded by this.

  /** To be written next; null if none is. */
  private ByteBuffer waiting;

  private boolean writing;

  /**
   * @param write writes a ping; its stage is done when that is over
   */
  LatestPing(Function<ByteBuffer, CompletionStage<?>> write) {
    this.write = write;
  }

  /** Sends it, unless another one comes while it waits. */
  void send(ByteBuffer data) {
    boolean waits;
    synchronized (this) {
      waiting = data;
      waits = writing;
      writing = true;
    }
    if (!waits) {
      writeNext();
    }
  }

  private void writeNext() {
    ByteBuffer data;
    synchronized (this) {
      data = waiting;
      waiting = null;
      writing = data != null;
    }
    if (data != null) {
      CompletionStage<?> unused = write.apply(data).whenComplete((written, failure) -> writeNext());
    }
  }
}
