package io.culvert.demo;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.culvert.demo.Problem.FieldError;
import io.swagger.v3.oas.models.media.Schema;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Holds a JSON value against a schema of the document. Knows the keywords that the document uses
 * for requests.
 */
final class SchemaCheck {
  private static final BigDecimal MAX_INT32 = BigDecimal.valueOf(Integer.MAX_VALUE);
  private static final BigDecimal MAX_INT64 = BigDecimal.valueOf(Long.MAX_VALUE);

  private final List<FieldError> errors = new ArrayList<>();

  private SchemaCheck() {}

  /**
   * Everything that is wrong with the value; empty if nothing is.
   *
   * @param name what errors call the value itself; its fields are called {@code name/field}, or
   *     {@code field} if the name is empty
   */
  static List<FieldError> errors(Schema<?> schema, JsonElement value, String name) {
    SchemaCheck check = new SchemaCheck();
    check.check(schema, value, name);
    return check.errors;
  }

  private void check(Schema<?> schema, JsonElement value, String name) {
    if (value.isJsonNull()) {
      if (!Boolean.TRUE.equals(schema.getNullable())) {
        error(name, "must not be null");
      }
      return;
    }
    switch (schema.getType()) {
      case "object" -> checkObject(schema, value, name);
      case "array" -> checkArray(schema, value, name);
      case "integer" -> checkInteger(schema, value, name);
      case "string" -> checkString(schema, value, name);
      case "boolean" -> {
        if (!(value instanceof JsonPrimitive p && p.isBoolean())) {
          error(name, "must be true or false");
        }
      }
      default ->
          throw new IllegalStateException("no check for schemas of type " + schema.getType());
    }
  }

  private void checkObject(Schema<?> schema, JsonElement value, String name) {
    if (!(value instanceof JsonObject object)) {
      error(name, "must be an object");
      return;
    }
    Map<String, Schema<?>> properties = properties(schema);
    List<String> required = schema.getRequired() == null ? List.of() : schema.getRequired();
    for (String field : required) {
      if (!object.has(field)) {
        error(child(name, field), "is required");
      }
    }
    if (schema.getMinProperties() != null && object.size() < schema.getMinProperties()) {
      error(name, "must have at least " + schema.getMinProperties() + " field");
    }
    for (Map.Entry<String, JsonElement> field : object.entrySet()) {
      Schema<?> property = properties.get(field.getKey());
      if (property != null) {
        check(property, field.getValue(), child(name, field.getKey()));
      } else if (Boolean.FALSE.equals(schema.getAdditionalProperties())) {
        error(child(name, field.getKey()), "is not known");
      }
    }
  }

  // The models of the parser declare their schemas raw.
  @SuppressWarnings({"rawtypes", "unchecked"})
  private static Map<String, Schema<?>> properties(Schema<?> schema) {
    Map properties = schema.getProperties();
    return properties == null ? Map.of() : properties;
  }

  private void checkArray(Schema<?> schema, JsonElement value, String name) {
    if (!(value instanceof JsonArray array)) {
      error(name, "must be an array");
      return;
    }
    if (schema.getMaxItems() != null && array.size() > schema.getMaxItems()) {
      error(name, "must have at most " + schema.getMaxItems() + " items");
      return;
    }
    for (int i = 0; i < array.size(); i++) {
      check(schema.getItems(), array.get(i), child(name, Integer.toString(i)));
    }
  }

  private void checkInteger(Schema<?> schema, JsonElement value, String name) {
    BigDecimal number = integer(value);
    if (number == null) {
      error(name, "must be an integer");
      return;
    }
    BigDecimal max = "int32".equals(schema.getFormat()) ? MAX_INT32 : MAX_INT64;
    BigDecimal min = max.negate();
    max = schema.getMaximum() == null ? max : max.min(schema.getMaximum());
    min = schema.getMinimum() == null ? min : min.max(schema.getMinimum());
    if (number.compareTo(min) < 0) {
      error(name, "must be at least " + min);
    }
    if (number.compareTo(max) > 0) {
      error(name, "must be at most " + max);
    }
  }

  /** The value if it is a number without a fraction, else null. */
  private static BigDecimal integer(JsonElement value) {
    if (!(value instanceof JsonPrimitive p && p.isNumber())) {
      return null;
    }
    try {
      BigDecimal number = p.getAsBigDecimal();
      return number.stripTrailingZeros().scale() > 0 ? null : number;
    } catch (NumberFormatException e) {
      // Gson refuses numbers so long that computing with them would be an attack.
      return null;
    }
  }

  private void checkString(Schema<?> schema, JsonElement value, String name) {
    if (!(value instanceof JsonPrimitive p && p.isString())) {
      error(name, "must be a string");
      return;
    }
    String text = value.getAsString();
    int length = text.codePointCount(0, text.length());
    if (schema.getMinLength() != null && length < schema.getMinLength()) {
      error(name, "must have at least " + schema.getMinLength() + " characters");
    }
    if (schema.getMaxLength() != null && length > schema.getMaxLength()) {
      error(name, "must have at most " + schema.getMaxLength() + " characters");
    } else if (schema.getPattern() != null && !Pattern.matches(schema.getPattern(), text)) {
      error(name, "must match " + schema.getPattern());
    }
    if (schema.getEnum() != null && !schema.getEnum().contains(text)) {
      error(name, "must be one of " + schema.getEnum());
    }
    if ("date".equals(schema.getFormat()) && !isDate(text)) {
      error(name, "must be a date such as 2024-02-29");
    }
  }

  private static boolean isDate(String text) {
    try {
      LocalDate.parse(text);
      return true;
    } catch (DateTimeException e) {
      return false;
    }
  }

  private void error(String name, String message) {
    errors.add(new FieldError(name, message));
  }

  private static String child(String name, String field) {
    return name.isEmpty() ? field : name + "/" + field;
  }
}
