package io.culvert.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PetDocumentTest {

  @Test
  void parserHasNothingToObject() {
    assertEquals(List.of(), PetDocument.result(PetDocument.text()).getMessages());
  }

  @Test
  void objectionsOfTheParserAreReported() {
    String broken = PetDocument.text().replace("schemas/PetPage'", "schemas/PetPages'");
    String message =
        assertThrows(IllegalArgumentException.class, () -> PetDocument.parse(broken)).getMessage();
    assertTrue(message.contains("PetPages"), message);
  }

  @Test
  void everyFailureOfEveryOperationIsAProblem() {
    for (Operation operation : operations(PetDocument.parse(PetDocument.text()))) {
      String id = operation.getOperationId();
      assertNotNull(operation.getResponses().get("default"), id);
      operation
          .getResponses()
          .forEach(
              (status, response) -> {
                if (!status.startsWith("2") && !status.startsWith("3")) {
                  Set<String> types = response.getContent().keySet();
                  assertEquals(Set.of(Problem.MEDIA_TYPE), types, id + " " + status);
                }
              });
    }
  }

  private static List<Operation> operations(OpenAPI document) {
    return document.getPaths().values().stream()
        .flatMap(path -> path.readOperations().stream())
        .toList();
  }
}
