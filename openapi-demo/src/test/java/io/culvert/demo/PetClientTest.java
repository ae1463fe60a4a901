package io.culvert.demo;

import static io.culvert.demo.PetStoreServer.pet;
import static io.culvert.demo.PetStoreServer.problem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.demo.client.ApiException;
import io.culvert.demo.client.ApiResponse;
import io.culvert.demo.client.model.Health;
import io.culvert.demo.client.model.Order;
import io.culvert.demo.client.model.OrderData;
import io.culvert.demo.client.model.Pet;
import io.culvert.demo.client.model.PetData;
import io.culvert.demo.client.model.PetPage;
import io.culvert.demo.client.model.PetPatch;
import io.culvert.demo.client.model.PetStatus;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PetClientTest {
  private PetStoreServer store;

  @BeforeEach
  void start() throws Exception {
    store = new PetStoreServer();
  }

  @AfterEach
  void stop() {
    store.close();
  }

  @Test
  void petIsReadAsItWasCreated() throws Exception {
    PetData data =
        pet("Mia \u2713 \uD83D\uDC08")
            .status(PetStatus.SOLD)
            .priceCents(12_345L)
            .birthday(LocalDate.of(2024, 2, 29))
            .tags(List.of("calm", "old & wise"));
    ApiResponse<Pet> created = store.pets.createPetWithHttpInfo(data);
    assertEquals(201, created.getStatusCode());
    Pet pet = created.getData();
    assertEquals(List.of("/pets/" + pet.getId()), created.getHeaders().get("location"));
    assertEquals(data.getName(), pet.getName());
    assertEquals(data.getSpecies(), pet.getSpecies());
    assertEquals(data.getStatus(), pet.getStatus());
    assertEquals(data.getPriceCents(), pet.getPriceCents());
    assertEquals(data.getBirthday(), pet.getBirthday());
    assertEquals(data.getTags(), pet.getTags());
    assertEquals(pet.getCreatedAt(), pet.getUpdatedAt());
    assertFalse(pet.getHasPhoto());
    assertEquals(pet, store.pets.getPet(pet.getId(), null));
  }

  @Test
  void replaceLeavesNothingOfWhatWasThere() throws Exception {
    long id = store.pets.createPet(pet("Mia").priceCents(5L).tags(List.of("x"))).getId();
    Pet replaced = store.pets.replacePet(id, pet("Tom").status(PetStatus.PENDING), null);
    assertEquals("Tom", replaced.getName());
    assertEquals(PetStatus.PENDING, replaced.getStatus());
    assertNull(replaced.getPriceCents());
    assertEquals(List.of(), replaced.getTags());
    assertEquals(replaced, store.pets.getPet(id, null));
  }

  @Test
  void patchChangesOnlyWhatItNames() throws Exception {
    long id = store.pets.createPet(pet("Mia").priceCents(5L).tags(List.of("x"))).getId();
    Pet patched = store.pets.patchPet(id, new PetPatch().name("Tom"), null);
    assertEquals("Tom", patched.getName());
    assertEquals(5L, patched.getPriceCents());
    assertEquals(List.of("x"), patched.getTags());
  }

  @Test
  void deletedPetIsGone() throws Exception {
    long id = store.pets.createPet(pet("Mia")).getId();
    assertEquals(204, store.pets.deletePetWithHttpInfo(id, null).getStatusCode());
    assertEquals("There is no pet " + id + ".", notFound(id));
    assertEquals("/pets/" + id, problem(404, () -> store.pets.deletePet(id, null)).getInstance());
  }

  private String notFound(long id) throws Exception {
    return problem(404, () -> store.pets.getPet(id, null)).getDetail();
  }

  @Test
  void changeWithAnOldEntityTagIsRefused() throws Exception {
    ApiResponse<Pet> created = store.pets.createPetWithHttpInfo(pet("Mia"));
    long id = created.getData().getId();
    String first = etag(created);
    String second = etag(store.pets.replacePetWithHttpInfo(id, pet("Tom"), first));
    assertNotEquals(first, second);
    problem(412, () -> store.pets.replacePet(id, pet("Lea"), first));
    problem(412, () -> store.pets.patchPet(id, new PetPatch().name("Lea"), first));
    problem(412, () -> store.pets.deletePet(id, first));
    assertEquals("Tom", store.pets.getPet(id, null).getName());
    store.pets.patchPet(id, new PetPatch().name("Ida"), first + ", " + second);
    store.pets.deletePet(id, "*");
  }

  @Test
  void unchangedPetIsNotSentAgain() throws Exception {
    ApiResponse<Pet> created = store.pets.createPetWithHttpInfo(pet("Mia"));
    long id = created.getData().getId();
    ApiException unchanged =
        assertThrows(ApiException.class, () -> store.pets.getPet(id, "W/" + etag(created)));
    assertEquals(304, unchanged.getCode());
    assertEquals("Mia", store.pets.getPet(id, "\"other\"").getName());
  }

  @Test
  void noUpdateIsLostBetweenCallersThatCheckEntityTags() throws Exception {
    long id = store.pets.createPet(pet("Mia").priceCents(0L)).getId();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try {
      Callable<Void> raise =
          () -> {
            for (int i = 0; i < 25; i++) {
              raisePrice(id);
            }
            return null;
          };
      for (Future<Void> done : callers.invokeAll(List.of(raise, raise, raise, raise))) {
        done.get(60, TimeUnit.SECONDS);
      }
    } finally {
      callers.shutdownNow();
    }
    assertEquals(100L, store.pets.getPet(id, null).getPriceCents());
  }

  private void raisePrice(long id) throws ApiException {
    while (true) {
      ApiResponse<Pet> pet = store.pets.getPetWithHttpInfo(id, null);
      try {
        long price = pet.getData().getPriceCents() + 1;
        store.pets.patchPet(id, new PetPatch().priceCents(price), etag(pet));
        return;
      } catch (ApiException e) {
        assertEquals(412, e.getCode());
      }
    }
  }

  @Test
  void pagesHoldEveryPetOnce() throws Exception {
    for (int i = 0; i < 25; i++) {
      store.pets.createPet(pet("pet " + i));
    }
    List<Integer> sizes = new ArrayList<>();
    List<Long> ids = new ArrayList<>();
    String cursor = null;
    do {
      PetPage page = store.pets.listPets(10, cursor, null, null);
      sizes.add(page.getItems().size());
      page.getItems().forEach(pet -> ids.add(pet.getId()));
      cursor = page.getNextCursor();
      // A change behind the cursor must not move what comes after it.
      store.pets.deletePet(ids.get(ids.size() - 1), null);
    } while (cursor != null);
    assertEquals(List.of(10, 10, 5), sizes);
    assertEquals(LongStream.rangeClosed(1, 25).boxed().toList(), ids);
  }

  @Test
  void fullLastPageHasNoNextOne() throws Exception {
    for (int i = 0; i < 20; i++) {
      store.pets.createPet(pet("pet " + i));
    }
    PetPage page = store.pets.listPets(null, null, null, null);
    assertEquals(20, page.getItems().size());
    assertNull(page.getNextCursor());
  }

  @Test
  void listIsFilteredByStatusAndTag() throws Exception {
    store.pets.createPet(pet("a").tags(List.of("calm")));
    store.pets.createPet(pet("b").tags(List.of("calm", "old")).status(PetStatus.SOLD));
    store.pets.createPet(pet("c").status(PetStatus.SOLD));
    assertEquals(List.of("b", "c"), names(PetStatus.SOLD, null));
    assertEquals(List.of("a", "b"), names(null, "calm"));
    assertEquals(List.of("b"), names(PetStatus.SOLD, "calm"));
    assertEquals(List.of(), names(PetStatus.PENDING, "calm"));
    assertEquals(2, store.pets.getInventory().getSold());
    assertEquals(0, store.pets.getInventory().getPending());
  }

  private List<String> names(PetStatus status, String tag) throws ApiException {
    return store.pets.listPets(null, null, status, tag).getItems().stream()
        .map(Pet::getName)
        .toList();
  }

  @Test
  void orderedPetIsPendingUntilTheOrderIsCancelled() throws Exception {
    long id = store.pets.createPet(pet("Mia")).getId();
    OrderData data = new OrderData().petId(id).customer("Kim");
    Order order = store.orders.placeOrder(data);
    assertEquals(PetStatus.PENDING, store.pets.getPet(id, null).getStatus());
    assertEquals(order, store.orders.getOrder(order.getId()));
    problem(409, () -> store.orders.placeOrder(data));
    assertEquals(List.of(order), store.orders.listOrders(id));
    assertEquals(List.of(), store.orders.listOrders(id + 1));
    store.orders.cancelOrder(order.getId());
    assertEquals(PetStatus.AVAILABLE, store.pets.getPet(id, null).getStatus());
    problem(404, () -> store.orders.cancelOrder(order.getId()));
    problem(404, () -> store.orders.placeOrder(new OrderData().petId(99L).customer("Kim")));
  }

  @Test
  void orderForADeletedPetCanBeCancelled() throws Exception {
    long id = store.pets.createPet(pet("Mia")).getId();
    Order order = store.orders.placeOrder(new OrderData().petId(id).customer("Kim"));
    store.pets.deletePet(id, null);
    store.orders.cancelOrder(order.getId());
    assertEquals(List.of(), store.orders.listOrders(null));
  }

  @Test
  void serviceTellsItsHealthAndVersion() throws Exception {
    store.pets.createPet(pet("Mia"));
    Health health = store.service.getHealth();
    assertEquals(1, health.getPets());
    assertEquals(0, health.getReaders());
    assertEquals("1.0.0", store.service.getVersion().getVersion());
  }

  @Test
  void storeThatIsFullNamesTheLimit() throws Exception {
    Limits small = new Limits(2, 1, 1000, 1000, 1000, 1, 1000, 1000);
    try (PetStoreServer full = new PetStoreServer(small)) {
      List<Long> ids = new ArrayList<>();
      for (int i : IntStream.range(0, 2).toArray()) {
        ids.add(full.pets.createPet(pet("pet " + i)).getId());
      }
      var refused = problem(507, () -> full.pets.createPet(pet("one more"))).getLimit();
      assertEquals("maxPets", refused.getName());
      assertEquals(2, refused.getValue());
      full.pets.deletePet(ids.get(0), null);
      ids.set(0, full.pets.createPet(pet("in its place")).getId());

      Order order = full.orders.placeOrder(new OrderData().petId(ids.get(0)).customer("Kim"));
      OrderData second = new OrderData().petId(ids.get(1)).customer("Kim");
      String limit = problem(507, () -> full.orders.placeOrder(second)).getLimit().getName();
      assertEquals("maxOrders", limit);
      full.orders.cancelOrder(order.getId());
      assertTrue(full.orders.placeOrder(second).getId() > order.getId());
    }
  }

  private static String etag(ApiResponse<Pet> response) {
    return response.getHeaders().get("etag").get(0);
  }
}
