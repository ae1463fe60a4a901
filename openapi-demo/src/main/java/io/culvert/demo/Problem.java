package io.culvert.demo;

import java.util.List;

/**
 * A refusal or failure as the caller sees it: RFC 9457, with the fields at fault and the limit that
 * was reached. Null members are absent from the JSON.
 */
record Problem(
    String type,
    String title,
    int status,
    String detail,
    String instance,
    List<FieldError> errors,
    Limit limit) {

  static final String MEDIA_TYPE = "application/problem+json";

  /** A parameter, or the path of a field such as {@code tags/0}, and what is wrong with it. */
  record FieldError(String field, String message) {}

  /** The name and value of a member of {@link Limits}. */
  record Limit(String name, long value) {}

  static ProblemException notFound(String what, long id) {
    return refuse(404, "Not found", "There is no " + what + " " + id + ".");
  }

  /** A refusal that needs no more than words. */
  static ProblemException refuse(int status, String title, String detail) {
    return new ProblemException(about(status, title, detail, null, null));
  }

  /** 400: {@code errors} names the parameters. */
  static ProblemException badParameters(List<FieldError> errors) {
    return new ProblemException(
        about(400, "Bad parameter", describe(errors), List.copyOf(errors), null));
  }

  /** 422: {@code errors} names the fields of the body. */
  static ProblemException invalid(List<FieldError> errors) {
    return new ProblemException(
        about(422, "Invalid content", describe(errors), List.copyOf(errors), null));
  }

  /** 413: the body is larger than the limit. */
  static ProblemException tooLarge(String limit, long value) {
    return limited(413, "Content too large", limit, value);
  }

  /** 507: the store has no room. */
  static ProblemException full(String limit, long value) {
    return limited(507, "Store full", limit, value);
  }

  static ProblemException limited(int status, String title, String limit, long value) {
    String detail = "The limit " + limit + " is " + value + ".";
    return new ProblemException(about(status, title, detail, null, new Limit(limit, value)));
  }

  Problem at(String path) {
    return new Problem(type, title, status, detail, path, errors, limit);
  }

  private static Problem about(
      int status, String title, String detail, List<FieldError> errors, Limit limit) {
    return new Problem("about:blank", title, status, detail, null, errors, limit);
  }

  private static String describe(List<FieldError> errors) {
    return String.join("; ", errors.stream().map(e -> e.field() + " " + e.message()).toList());
  }
}
