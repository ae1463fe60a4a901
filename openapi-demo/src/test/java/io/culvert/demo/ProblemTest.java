package io.culvert.demo;

import static io.culvert.demo.PetStoreServer.pet;
import static io.culvert.demo.PetStoreServer.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.culvert.demo.client.model.FieldError;
import io.culvert.demo.client.model.Problem;
import java.io.IOException;
import java.util.List;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemTest {
  private PetStoreServer store;

  @BeforeEach
  void start() throws Exception {
    store = new PetStoreServer();
  }

  @AfterEach
  void stop() {
    store.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/cats", "/pets/", "/pets/1/photo/x"})
  void unknownPathIsNotFound(String path) throws Exception {
    Problem problem = problem(404, get(path));
    assertEquals(path, problem.getInstance());
    assertEquals("about:blank", problem.getType());
  }

  @ParameterizedTest
  @CsvSource({
    "POST, /pets/1, 'DELETE, GET, HEAD, OPTIONS, PATCH, PUT'",
    "DELETE, /pets, 'GET, HEAD, OPTIONS, POST'",
    "PUT, /pets/events, 'GET, HEAD, OPTIONS'",
    "BREW, /health, 'GET, HEAD, OPTIONS'",
  })
  void wrongMethodIsToldTheRightOnes(String method, String path, String allowed) throws Exception {
    RequestBody body = method.equals("BREW") ? null : json("{}");
    Response response = store.send(path, new Request.Builder().method(method, body));
    assertEquals(allowed, response.header("Allow"));
    problem(405, response);
    try (Response options = store.send(path, new Request.Builder().method("OPTIONS", null))) {
      assertEquals(204, options.code());
      assertEquals(allowed, options.header("Allow"));
    }
  }

  @Test
  void headAnswersLikeGetWithoutABody() throws Exception {
    store.pets.createPet(pet("Mia"));
    for (String path : List.of("/pets/1", "/pets", "/pets/events")) {
      try (Response head = store.send(path, new Request.Builder().head())) {
        assertEquals(200, head.code());
        assertNotNull(head.header("Content-Type"));
        assertEquals("", head.body().string());
      }
    }
    assertEquals(0, store.service.getHealth().getReaders());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{} {}",
        "{'name':'Mia'}",
        "{\"name\":\"Mia\",}",
        "{\"name\":NaN}",
        "{\"name\":\"Mia\" \"species\":\"cat\"}",
        "\u0000"
      })
  void malformedJsonIsABadRequest(String body) throws Exception {
    assertEquals("Malformed JSON", problem(400, post(json(body))).getTitle());
  }

  @Test
  void deeplyNestedJsonIsABadRequest() throws Exception {
    problem(400, post(json("[".repeat(30_000))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[]                                                    | ''         | must be an object",
        "null                                                  | ''         | must not be null",
        "{\"species\":\"cat\"}                                 | name       | is required",
        "{\"name\":\"\",\"species\":\"cat\"}                   | name       | must have at least 1 characters",
        "{\"name\":7,\"species\":\"cat\"}                      | name       | must be a string",
        "{\"name\":null,\"species\":\"cat\"}                   | name       | must not be null",
        "{\"name\":\"M\",\"species\":\"Cat\"}                  | species    | must match ^[a-z][a-z-]{0,39}$",
        "{\"name\":\"M\",\"species\":\"cat\",\"status\":\"x\"} | status     | must be one of [available, pending, sold]",
        "{\"name\":\"M\",\"species\":\"cat\",\"priceCents\":-1} | priceCents | must be at least 0",
        "{\"name\":\"M\",\"species\":\"cat\",\"priceCents\":1e99} | priceCents | must be at most 100000000",
        "{\"name\":\"M\",\"species\":\"cat\",\"priceCents\":0.5} | priceCents | must be an integer",
        "{\"name\":\"M\",\"species\":\"cat\",\"priceCents\":1e999999999} | priceCents | must be an integer",
        "{\"name\":\"M\",\"species\":\"cat\",\"birthday\":\"2023-02-29\"} | birthday | must be a date such as 2024-02-29",
        "{\"name\":\"M\",\"species\":\"cat\",\"tags\":\"a\"}   | tags       | must be an array",
        "{\"name\":\"M\",\"species\":\"cat\",\"tags\":[\"a\",\"\"]} | tags/1 | must have at least 1 characters",
        "{\"name\":\"M\",\"species\":\"cat\",\"colour\":\"red\"} | colour   | is not known",
      })
  void invalidFieldIsNamed(String body, String field, String message) throws Exception {
    List<FieldError> errors = problem(422, post(json(body))).getErrors();
    assertEquals(List.of(new FieldError().field(field).message(message)), errors);
  }

  @Test
  void everyInvalidFieldIsNamed() throws Exception {
    Problem problem = problem(422, () -> store.pets.createPet(pet("").priceCents(-1L)));
    assertEquals(
        List.of("name", "priceCents"),
        problem.getErrors().stream().map(FieldError::getField).sorted().toList());
  }

  @Test
  void patchIsCheckedToo() throws Exception {
    long id = store.pets.createPet(pet("Mia").priceCents(5L)).getId();
    assertEquals("", problem(422, patch(id, "{}")).getErrors().get(0).getField());
    assertEquals("name", problem(422, patch(id, "{\"name\":null}")).getErrors().get(0).getField());
    try (Response response = patch(id, "{\"priceCents\":null}")) {
      assertEquals(200, response.code());
    }
    assertEquals(null, store.pets.getPet(id, null).getPriceCents());
    problem(404, patch(99, "{\"name\":\"Tom\"}"));
  }

  private Response patch(long id, String patch) throws IOException {
    MediaType type = MediaType.get("application/merge-patch+json; charset=utf-8");
    return store.send("/pets/" + id, new Request.Builder().patch(RequestBody.create(patch, type)));
  }

  @ParameterizedTest
  @CsvSource({
    "/pets/x, petId, must be an integer",
    "/pets/0, petId, must be at least 1",
    "/pets/99999999999999999999, petId, must be an integer",
    "/pets/9999999999999999999, petId, must be at most 9223372036854775807",
    "/pets?limit=0, limit, must be at least 1",
    "/pets?limit=101, limit, must be at most 100",
    "/pets?limit=, limit, must be an integer",
    "/pets?status=lost, status, 'must be one of [available, pending, sold]'",
    "/pets?cursor=!, cursor, must be the nextCursor of a page",
    "/pets/events?maxEvents=x, maxEvents, must be an integer",
  })
  void badParameterIsNamed(String path, String name, String message) throws Exception {
    List<FieldError> errors = problem(400, get(path)).getErrors();
    assertEquals(List.of(new FieldError().field(name).message(message)), errors);
  }

  @Test
  void bodyThatIsNotJsonIsRefused() throws Exception {
    problem(415, post(RequestBody.create("{}", MediaType.get("text/plain"))));
    problem(415, post(RequestBody.create("{}", null)));
  }

  @Test
  void tooLargeJsonNamesTheLimit() throws Exception {
    int max = Limits.DEFAULT.maxJsonBytes();
    Problem problem = problem(413, post(json(" ".repeat(max + 1))));
    assertEquals("maxJsonBytes", problem.getLimit().getName());
    assertEquals(max, problem.getLimit().getValue());
    assertEquals("Malformed JSON", problem(400, post(json(" ".repeat(max)))).getTitle());
  }

  private Response get(String path) throws IOException {
    return store.send(path, new Request.Builder());
  }

  private Response post(RequestBody body) throws IOException {
    return store.send("/pets", new Request.Builder().post(body));
  }

  private static RequestBody json(String text) {
    return RequestBody.create(text, MediaType.get("application/json"));
  }
}
