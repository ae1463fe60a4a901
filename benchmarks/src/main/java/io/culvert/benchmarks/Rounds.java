package io.culvert.benchmarks;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;

/**
 * Measures several candidates in turns, so that what the machine does meanwhile befalls all alike,
 * and prints each candidate's median and the median of its ratios to the first one, the baseline.
 */
final class Rounds {
  private final int count;
  private final Duration each;
  private final PrintStream out;

  Rounds(int count, Duration each, PrintStream out) {
    this.count = count;
    this.each = each;
    this.out = out;
  }

  /**
   * @param candidates by name, the baseline first; each is made anew for every round
   */
  void run(String title, Map<String, Callable<? extends Measurement>> candidates) throws Exception {
    Map<String, List<Double>> figures = new LinkedHashMap<>();
    String unit = "";
    for (int round = -1; round < count; round++) { // the first one warms up
      for (Map.Entry<String, Callable<? extends Measurement>> candidate : candidates.entrySet()) {
        try (Measurement measurement = candidate.getValue().call()) {
          unit = measurement.unit();
          double figure = measurement.perSecond(each);
          if (round >= 0) {
            figures.computeIfAbsent(candidate.getKey(), name -> new ArrayList<>()).add(figure);
          }
        }
      }
    }
    print(title, unit, figures);
  }

  private void print(String title, String unit, Map<String, List<Double>> figures) {
    out.printf("%n| %s | %s | ratio |%n|---|---|---|%n", title, unit);
    List<Double> baseline = figures.values().iterator().next();
    figures.forEach(
        (name, values) -> {
          List<Double> ratios = new ArrayList<>();
          for (int i = 0; i < count; i++) {
            ratios.add(values.get(i) / baseline.get(i));
          }
          out.printf(
              Locale.ROOT,
              "| %s | %,.0f | %.2f (%.2f-%.2f) |%n",
              name,
              median(values),
              median(ratios),
              Collections.min(ratios),
              Collections.max(ratios));
        });
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
