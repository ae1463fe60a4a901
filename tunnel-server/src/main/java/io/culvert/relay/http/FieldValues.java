package io.culvert.relay.http;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.eclipse.jetty.http.ComplianceViolation;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.QuotedCSV;

/** Values of fields that strangers have written: what is malformed is odd, but no exception. */
final class FieldValues {
  private FieldValues() {}

  /** The elements of all fields with this name, in order; quotes are kept. */
  static List<String> list(HttpFields fields, String name) {
    return list(fields.getValuesList(name));
  }

  /** The elements of the values of one list field, in order; quotes are kept. */
  static List<String> list(List<String> values) {
    String[] array = values.toArray(String[]::new);
    return new QuotedCSV(HttpCompliance.RFC7230, ComplianceViolation.Listener.NOOP, true, array)
        .getValues();
  }

  /** What {@code name=value;name=value} says, by name in lower case; empty if it is malformed. */
  static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new HashMap<>();
    try {
      // What comes before the first semicolon would be no parameter.
      HttpField.getValueParameters("value;" + text, pairs);
    } catch (IllegalArgumentException e) {
      return Map.of();
    }
    Map<String, String> byName = new HashMap<>();
    pairs.forEach((name, value) -> byName.put(name.toLowerCase(Locale.ROOT), value));
    return byName;
  }
}
