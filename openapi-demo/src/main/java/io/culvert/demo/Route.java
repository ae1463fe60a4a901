package io.culvert.demo;

import io.swagger.v3.oas.models.Operation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One operation of the document.
 *
 * @param path the segments of its path; one in braces is a parameter
 */
record Route(String method, List<String> path, Operation operation, Handler handler) {

  static List<String> segments(String path) {
    return List.of(path.substring(1).split("/", -1));
  }

  static boolean isParameter(String segment) {
    return segment.startsWith("{") && segment.endsWith("}");
  }

  String operationId() {
    return operation.getOperationId();
  }

  /** Whether the path has the same shape and the same fixed segments. */
  boolean matches(List<String> segments) {
    if (segments.size() != path.size()) {
      return false;
    }
    for (int i = 0; i < path.size(); i++) {
      boolean same = path.get(i).equals(segments.get(i));
      if (isParameter(path.get(i)) ? segments.get(i).isEmpty() : !same) {
        return false;
      }
    }
    return true;
  }

  /** The values of the parameters in a path that matches. */
  Map<String, String> pathValues(List<String> segments) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < path.size(); i++) {
      if (isParameter(path.get(i))) {
        values.put(path.get(i).substring(1, path.get(i).length() - 1), segments.get(i));
      }
    }
    return values;
  }
}
