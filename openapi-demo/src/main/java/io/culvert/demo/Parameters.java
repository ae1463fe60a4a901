package io.culvert.demo;

import com.google.gson.JsonPrimitive;
import io.culvert.demo.Problem.FieldError;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import jakarta.servlet.http.HttpServletRequest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The parameters of a request, checked against those the document gives the operation. */
final class Parameters {
  private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,18})");

  private final Map<String, String> values;

  private Parameters(Map<String, String> values) {
    this.values = values;
  }

  /**
   * Takes each parameter from its place in the request, or its default from the document.
   *
   * @throws ProblemException 400 naming each parameter that is missing or breaks its schema
   */
  static Parameters read(Route route, HttpServletRequest request, Map<String, String> pathValues) {
    Map<String, String> values = new HashMap<>();
    List<FieldError> errors = new ArrayList<>();
    List<Parameter> declared = route.operation().getParameters();
    for (Parameter parameter : declared == null ? List.<Parameter>of() : declared) {
      String name = parameter.getName();
      String value =
          switch (parameter.getIn()) {
            case "path" -> pathValues.get(name);
            case "query" -> request.getParameter(name);
            case "header" -> request.getHeader(name);
            default -> throw new IllegalStateException(name + " is in " + parameter.getIn());
          };
      Schema<?> schema = parameter.getSchema();
      if (value != null) {
        errors.addAll(SchemaCheck.errors(schema, json(schema, value), name));
        values.put(name, value);
      } else if (schema.getDefault() != null) {
        values.put(name, schema.getDefault().toString());
      } else if (Boolean.TRUE.equals(parameter.getRequired())) {
        errors.add(new FieldError(name, "is required"));
      }
    }
    if (!errors.isEmpty()) {
      throw Problem.badParameters(errors);
    }
    return new Parameters(values);
  }

  /** The text as the JSON value that its schema is about. */
  private static JsonPrimitive json(Schema<?> schema, String value) {
    boolean number = "integer".equals(schema.getType()) && INTEGER.matcher(value).matches();
    return number ? new JsonPrimitive(new BigDecimal(value)) : new JsonPrimitive(value);
  }

  /** The value, or null if the request has none and the document no default. */
  String text(String name) {
    return values.get(name);
  }

  /** The value of an integer, or null if the request has none and the document no default. */
  Long number(String name) {
    String value = values.get(name);
    return value == null ? null : Long.valueOf(value);
  }
}
