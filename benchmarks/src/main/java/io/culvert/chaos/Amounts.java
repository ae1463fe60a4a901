package io.culvert.chaos;

import java.time.Duration;

/**
 * How much each side asks of the other; spread evenly over a time.
 *
 * @param posts POSTs, each executed exactly once
 * @param mib the length of one upload and of one download
 * @param messages of one WebSocket, each way
 * @param events of one stream of server-sent events
 * @param seconds over which all this is spread
 */
record Amounts(int posts, int mib, int messages, int events, int seconds) {

  Amounts {
    if (posts < 1 || mib < 1 || messages < 1 || events < 1 || seconds < 1) {
      throw new IllegalArgumentException("every amount must be at least 1");
    }
  }

  long bytes() {
    return (long) mib << 20;
  }

  Duration time() {
    return Duration.ofSeconds(seconds);
  }
}
