package io.culvert.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.swagger.v3.oas.models.OpenAPI;
import jakarta.servlet.ServletException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RoutesTest {
  private final OpenAPI document = PetDocument.parse(PetDocument.text());
  private final Map<String, Handler> handlers =
      PetServlet.handlers(document, new PetEvents(Limits.DEFAULT), Limits.DEFAULT);

  @Test
  void servletCoversEveryOperation() {
    TreeSet<String> ids = new TreeSet<>();
    Routes.of(document, handlers).all().forEach(route -> ids.add(route.operationId()));
    assertEquals(new TreeSet<>(handlers.keySet()), ids);
    assertEquals(18, ids.size());
  }

  @Test
  void eachMissingHandlerIsNamed() {
    for (String id : List.copyOf(handlers.keySet())) {
      Handler removed = handlers.remove(id);
      assertEquals("operations of the document without a handler: " + id, refusal());
      handlers.put(id, removed);
    }
  }

  @Test
  void handlersWithoutAnOperationAreNamed() {
    document.getPaths().remove("/health");
    document.getPaths().get("/pets").setPost(null);
    assertEquals("handlers without an operation in the document: createPet, getHealth", refusal());
  }

  @Test
  void servletRefusesToStartWithAnotherDocument() {
    String other = PetDocument.text().replace("operationId: patchPet", "operationId: mendPet");
    String message =
        assertThrows(ServletException.class, () -> new PetServlet(Limits.DEFAULT, other).init())
            .getMessage();
    assertEquals(
        "operations of the document without a handler: mendPet; "
            + "handlers without an operation in the document: patchPet",
        message);
  }

  @Test
  void operationWithoutAnIdIsNamedByItsPath() {
    document.getPaths().get("/orders/{orderId}").getDelete().setOperationId(null);
    assertTrue(refusal().contains("DELETE /orders/{orderId}"), refusal());
  }

  @Test
  void fixedSegmentsGoBeforeParameters() {
    Routes routes = Routes.of(document, handlers);
    assertEquals(List.of("streamPetEvents"), ids(routes, "/pets/events"));
    assertEquals(List.of("deletePet", "getPet", "patchPet", "replacePet"), ids(routes, "/pets/17"));
    assertEquals(List.of(), ids(routes, "/pets/"));
    assertEquals(List.of(), ids(routes, "/pets/17/photo/x"));
  }

  private static List<String> ids(Routes routes, String path) {
    return routes.at(Route.segments(path)).stream().map(Route::operationId).sorted().toList();
  }

  private String refusal() {
    return assertThrows(IllegalArgumentException.class, () -> Routes.of(document, handlers))
        .getMessage();
  }
}
