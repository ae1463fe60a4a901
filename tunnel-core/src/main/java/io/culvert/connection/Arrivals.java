package io.culvert.connection;

import io.culvert.connection.StreamConnection.StreamHandler;
import io.culvert.frame.ErrorCode;
import io.culvert.stream.Streams;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Streams of the peer on their way to the handler. They wait until it is decided who that is: at
 * most as many as the peer's stream credit. Guarded by the connection's lock.
 */
final class Arrivals {
  private final List<StreamChannel> waiting = new ArrayList<>();

  /** Null refuses, once decided. */
  private StreamHandler handler;

  private boolean decided;

  void add(StreamChannel channel) {
    waiting.add(channel);
  }

  /** Who gets streams from here on; null for nobody. */
  void handler(StreamHandler streamHandler) {
    handler = streamHandler;
    decided = true;
  }

  /** From here on streams are refused if there is no handler, instead of waiting for one. */
  void decide() {
    decided = true;
  }

  /** Refuses what nobody takes, and leaves the rest to {@code later}, without the lock. */
  void deliver(Streams streams, Consumer<Runnable> later) {
    if (waiting.isEmpty() || !decided) {
      return;
    }
    for (StreamChannel channel : waiting) {
      if (handler == null) {
        streams.refuse(channel.stream());
      } else {
        StreamHandler taker = handler;
        later.accept(() -> hand(channel, taker));
      }
    }
    waiting.clear();
  }

  private static void hand(StreamChannel channel, StreamHandler taker) {
    boolean taken = false;
    try {
      taker.onStream(channel);
      taken = true;
    } finally {
      if (!taken) {
        channel.reset(ErrorCode.INTERNAL_ERROR); // nobody else would end it
      }
    }
  }

  void clear() {
    waiting.clear();
  }
}
