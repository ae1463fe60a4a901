package io.culvert.relay.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpFields;

/**
 * What one proxy says about who has called it.
 *
 * @param proto the scheme; empty if it says nothing
 * @param host empty if it says nothing
 * @param port 0 if it says nothing
 */
record ForwardedElement(Node node, String proto, String host, int port) {
  private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");

  /** Those of {@code Forwarded}, the oldest first. */
  static List<ForwardedElement> ofForwarded(HttpFields fields) {
    List<ForwardedElement> elements = new ArrayList<>();
    for (String element : FieldValues.list(fields, "Forwarded")) {
      Map<String, String> byName = FieldValues.pairs(element);
      elements.add(
          new ForwardedElement(
              Node.parse(text(byName.get("for"))),
              text(byName.get("proto")),
              text(byName.get("host")),
              0));
    }
    return elements;
  }

  private static String text(String value) {
    return value == null ? "" : value;
  }

  /**
   * Those of {@code X-Forwarded-For}, the oldest first. {@code -Proto}, {@code -Host} and {@code
   * -Port} have no place in its list: their last values are what the neighbour has said, and count
   * for all.
   */
  static List<ForwardedElement> ofXForwarded(HttpFields fields) {
    String proto = last(fields, "X-Forwarded-Proto");
    String host = last(fields, "X-Forwarded-Host");
    String port = last(fields, "X-Forwarded-Port");
    int told = PORT.matcher(port).matches() ? Integer.parseInt(port) : 0;
    int number = told > 65_535 ? 0 : told;
    return FieldValues.list(fields, "X-Forwarded-For").stream()
        .map(node -> new ForwardedElement(Node.parse(node), proto, host, number))
        .toList();
  }

  private static String last(HttpFields fields, String name) {
    List<String> values = FieldValues.list(fields, name);
    return values.isEmpty() ? "" : values.get(values.size() - 1);
  }
}
