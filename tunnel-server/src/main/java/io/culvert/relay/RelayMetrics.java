package io.culvert.relay;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The relay's figures for a monitoring system. Names no type of the library that has them. */
interface RelayMetrics extends Consumer<RequestRecord> {
  /** Of the library, optional. */
  String LIBRARY = "io.micrometer:micrometer-registry-prometheus";

  /** All figures in Prometheus' text format. */
  String text();

  /** An upgrade was answered with this status instead of a WebSocket. */
  void refused(int status);

  /** A stream of a caller is over. */
  void bridged(String name, long received, long sent);

  /** Ends what belongs to it. */
  void close();

  /**
   * Metrics that show this state; empty if their library is not there.
   *
   * @param status asked at each {@link #text}
   */
  static Optional<RelayMetrics> create(Supplier<RelayStatus> status) {
    try {
      Class.forName(
          "io.micrometer.prometheusmetrics.PrometheusMeterRegistry",
          false,
          RelayMetrics.class.getClassLoader());
    } catch (ClassNotFoundException | LinkageError e) {
      return Optional.empty();
    }
    return Optional.of(new PrometheusMetrics(status));
  }
}
