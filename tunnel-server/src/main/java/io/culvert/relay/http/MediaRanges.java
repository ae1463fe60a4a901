package io.culvert.relay.http;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** The values of {@code Accept} (RFC 9110 section 12.5.1). */
final class MediaRanges {
  private static final Pattern WEIGHT = Pattern.compile("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?");

  /** By media range in lower case, without parameters. Empty if everything is as good. */
  private final Map<String, Double> qualities = new HashMap<>();

  MediaRanges(List<String> accept) {
    for (String range : FieldValues.list(accept)) {
      // What is asked for here has no parameters, so a range with some does not match, but those
      // who write "text/html;level=1" still read HTML.
      int semicolon = range.indexOf(';');
      String type = semicolon < 0 ? range : range.substring(0, semicolon);
      String parameters = semicolon < 0 ? "" : range.substring(semicolon + 1);
      qualities.merge(
          type.strip().toLowerCase(Locale.ROOT),
          parse(FieldValues.pairs(parameters).get("q")),
          Math::max);
    }
  }

  private static double parse(String weight) {
    if (weight == null) {
      return 1;
    }
    return WEIGHT.matcher(weight).matches() ? Double.parseDouble(weight) : 0;
  }

  /** How much the type is wanted, 0 to 1: what the most specific range that matches it says. */
  double quality(String type) {
    if (qualities.isEmpty()) {
      return 1;
    }
    Double exact = qualities.get(type);
    if (exact != null) {
      return exact;
    }
    Double family = qualities.get(type.substring(0, type.indexOf('/')) + "/*");
    return family != null ? family : qualities.getOrDefault("*/*", 0.0);
  }
}
