package io.culvert.testkit.swaggersocket;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of a transcript that differ each time: {@code ${type}}, or {@code ${type:name}} where
 * the same value comes again. The types:
 *
 * <ul>
 *   <li>{@code uuid}: a lower-case UUID of version 4; a new one is said.
 *   <li>{@code id}: any value of a header; a new UUID is said.
 *   <li>{@code date}: a date in the format of HTTP headers; that of now is said.
 *   <li>{@code agent}, {@code host}: any value; {@code Go-http-client/1.1} and {@code
 *       localhost:9090} are said.
 *   <li>{@code plain}: {@code text/plain; charset=utf-8}, which is said, in any case and with or
 *       without the space.
 * </ul>
 */
final class TranscriptVariables {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)(?::(\\w+))?}");

  private final Map<String, String> values = new HashMap<>();

  /** The content with a value for each variable. */
  String say(String template) {
    return VARIABLE
        .matcher(template)
        .replaceAll(
            variable ->
                Matcher.quoteReplacement(
                    variable.group(2) == null
                        ? value(variable.group(1))
                        : values.computeIfAbsent(
                            variable.group(2), name -> value(variable.group(1)))));
  }

  /** Whether the text is the template with some value for each variable, which is kept. */
  boolean matches(String template, String text) {
    StringBuilder regex = new StringBuilder("(?s)");
    List<String> names = new ArrayList<>();
    Matcher variable = VARIABLE.matcher(template);
    int at = 0;
    while (variable.find()) {
      regex.append(Pattern.quote(template.substring(at, variable.start())));
      at = variable.end();
      String name = variable.group(2);
      int before = name == null ? -1 : names.indexOf(name);
      names.add(name);
      regex.append('(');
      if (before >= 0) {
        regex.append('\\').append(before + 1);
      } else {
        String known = values.get(name);
        regex.append(known == null ? regex(variable.group(1)) : Pattern.quote(known));
      }
      regex.append(')');
    }
    regex.append(Pattern.quote(template.substring(at)));
    Matcher found = Pattern.compile(regex.toString()).matcher(text);
    if (!found.matches()) {
      return false;
    }
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i) != null) {
        values.put(names.get(i), found.group(i + 1));
      }
    }
    return true;
  }

  private static String value(String type) {
    return switch (type) {
      case "uuid", "id" -> UUID.randomUUID().toString().toLowerCase(Locale.ROOT);
      case "date" -> GoResponse.date();
      case "agent" -> "Go-http-client/1.1";
      case "host" -> "localhost:9090";
      case "plain" -> "text/plain; charset=utf-8";
      default -> throw new IllegalArgumentException("no such variable: " + type);
    };
  }

  private static String regex(String type) {
    return switch (type) {
      case "uuid" -> "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
      case "date" -> "[A-Z][a-z]{2}, \\d{2} [A-Z][a-z]{2} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT";
      case "id", "agent", "host" -> "[^\\r\\n]+";
      case "plain" -> "(?i:text/plain; ?charset=utf-8)";
      default -> throw new IllegalArgumentException("no such variable: " + type);
    };
  }
}
