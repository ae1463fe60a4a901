package io.culvert.demo;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import io.culvert.demo.Problem.FieldError;
import io.swagger.v3.oas.models.media.Schema;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * One request for an operation of the document, and its response. Belongs to the thread that
 * handles the request.
 */
final class Exchange {
  private final Route route;
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Parameters parameters;
  private final Limits limits;

  Exchange(
      Route route,
      HttpServletRequest request,
      HttpServletResponse response,
      Parameters parameters,
      Limits limits) {
    this.route = route;
    this.request = request;
    this.response = response;
    this.parameters = parameters;
    this.limits = limits;
  }

  HttpServletRequest request() {
    return request;
  }

  HttpServletResponse response() {
    return response;
  }

  Parameters parameters() {
    return parameters;
  }

  Limits limits() {
    return limits;
  }

  /** A number in the path; the document requires those. */
  long id(String name) {
    return parameters.number(name);
  }

  /** The media type of the body in lower case and without parameters, or the empty string. */
  static String mediaType(String contentType) {
    return contentType == null ? "" : contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  /**
   * Passes if the document lets the operation take the media type of the body.
   *
   * @throws ProblemException 415 otherwise
   */
  void requireMediaType() {
    String type = mediaType(request.getContentType());
    var accepted = route.operation().getRequestBody().getContent().keySet();
    if (!accepted.contains(type)) {
      throw Problem.refuse(
          415,
          "Unsupported media type",
          "The body must be " + String.join(" or ", accepted) + ", not '" + type + "'.");
    }
  }

  /**
   * The body as JSON that obeys the schema the document gives the operation.
   *
   * @throws ProblemException 400 if it is not JSON, 413, 415, 422 if it breaks the schema
   */
  JsonElement json() throws IOException {
    requireMediaType();
    byte[] body = Body.read(request, "maxJsonBytes", limits.maxJsonBytes());
    JsonElement value;
    try {
      value = Json.parse(body);
    } catch (JsonParseException e) {
      throw Problem.refuse(
          400, "Malformed JSON", "The body is not one JSON value: " + e.getMessage());
    }
    requireValid(value);
    return value;
  }

  /** The body as {@link #json()}, in the shape of a class. */
  <T> T json(Class<T> type) throws IOException {
    return Json.GSON.fromJson(json(), type);
  }

  /**
   * Passes if the value obeys the schema the document gives the body of the request.
   *
   * @throws ProblemException 422 otherwise
   */
  void requireValid(JsonElement value) {
    requireValid(bodySchema(), value);
  }

  /**
   * Passes if the value obeys the schema.
   *
   * @throws ProblemException 422 otherwise
   */
  static void requireValid(Schema<?> schema, JsonElement value) {
    List<FieldError> errors = SchemaCheck.errors(schema, value, "");
    if (!errors.isEmpty()) {
      throw Problem.invalid(errors);
    }
  }

  private Schema<?> bodySchema() {
    return route
        .operation()
        .getRequestBody()
        .getContent()
        .get(mediaType(request.getContentType()))
        .getSchema();
  }

  void send(int status, Object json) throws IOException {
    sendJson(response, status, "application/json", json);
  }

  void sendNothing(int status) {
    response.setStatus(status);
  }

  static void sendJson(HttpServletResponse response, int status, String mediaType, Object json)
      throws IOException {
    byte[] body = Json.bytes(json);
    response.setStatus(status);
    response.setContentType(mediaType);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
