package io.culvert.benchmarks;

import java.time.Duration;

/** Something that is done for a while and counted. */
interface Measurement extends AutoCloseable {

  /** What is counted, such as {@code MB/s}; with {@link #perSecond} the meaning of a figure. */
  String unit();

  /** Does it for about this long; returns how much was done in a second. */
  double perSecond(Duration duration) throws Exception;

  @Override
  void close();
}
