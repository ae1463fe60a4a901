package io.culvert.demo;

import io.swagger.v3.oas.models.OpenAPI;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The operations of the document, each with the handler for its {@code operationId}. Immutable. */
final class Routes {
  private final List<Route> routes;

  private Routes(List<Route> routes) {
    this.routes = routes;
  }

  /**
   * Joins the document and the handlers.
   *
   * @throws IllegalArgumentException naming each operation that only one of the two has
   */
  static Routes of(OpenAPI document, Map<String, Handler> handlers) {
    List<Route> routes = new ArrayList<>();
    Set<String> uncovered = new TreeSet<>();
    Set<String> seen = new HashSet<>();
    document
        .getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach(
                        (method, operation) -> {
                          String id = operation.getOperationId();
                          String name = id == null ? method + " " + path : id;
                          Handler handler = id == null ? null : handlers.get(id);
                          if (handler == null) {
                            uncovered.add(name);
                          }
                          seen.add(name);
                          routes.add(
                              new Route(method.name(), Route.segments(path), operation, handler));
                        }));
    Set<String> unknown = new TreeSet<>(handlers.keySet());
    unknown.removeAll(seen);
    requireSame(uncovered, unknown);
    // OpenAPI 3.0: a path without parameters is matched before one with parameters.
    routes.sort(Comparator.comparing(r -> r.path().stream().filter(Route::isParameter).count()));
    return new Routes(List.copyOf(routes));
  }

  private static void requireSame(Set<String> uncovered, Set<String> unknown) {
    List<String> faults = new ArrayList<>();
    if (!uncovered.isEmpty()) {
      faults.add("operations of the document without a handler: " + String.join(", ", uncovered));
    }
    if (!unknown.isEmpty()) {
      faults.add("handlers without an operation in the document: " + String.join(", ", unknown));
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", faults));
    }
  }

  /** All operations. */
  List<Route> all() {
    return routes;
  }

  /**
   * The operations of the path that matches best, whatever their methods; empty if there is no such
   * path.
   */
  List<Route> at(List<String> segments) {
    List<Route> matching = routes.stream().filter(r -> r.matches(segments)).toList();
    return matching.stream().filter(r -> r.path().equals(matching.get(0).path())).toList();
  }
}
