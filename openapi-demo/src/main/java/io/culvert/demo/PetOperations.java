package io.culvert.demo;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.swagger.v3.oas.models.media.Schema;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The operations on pets and the feed of their changes. */
final class PetOperations {
  private static final int CURSOR_RADIX = 36;

  private final PetStore pets;
  private final PetEvents events;
  private final Schema<?> petData;

  /** The schema says what a pet must be like after a patch. */
  PetOperations(PetStore pets, PetEvents events, Schema<?> petData) {
    this.pets = pets;
    this.events = events;
    this.petData = petData;
  }

  /** The handlers by operation id. */
  Map<String, Handler> handlers() {
    return Map.of(
        "listPets", this::list,
        "createPet", this::create,
        "streamPetEvents", this::stream,
        "getInventory", this::inventory,
        "getPet", this::get,
        "replacePet", this::replace,
        "patchPet", this::patch,
        "deletePet", this::delete);
  }

  private void list(Exchange exchange) throws IOException {
    Parameters parameters = exchange.parameters();
    int limit = parameters.number("limit").intValue();
    // One more than asked for tells whether there is another page.
    List<StoredPet> found =
        pets.list(after(parameters.text("cursor")), limit + 1, filter(parameters));
    List<StoredPet> page = found.subList(0, Math.min(limit, found.size()));
    JsonArray items = new JsonArray(page.size());
    page.forEach(pet -> items.add(pet.toJson()));
    JsonObject json = new JsonObject();
    json.add("items", items);
    if (found.size() > limit) {
      json.addProperty("nextCursor", Long.toString(page.get(limit - 1).id(), CURSOR_RADIX));
    }
    exchange.send(200, json);
  }

  private static long after(String cursor) {
    try {
      return cursor == null ? 0 : Long.parseLong(cursor, CURSOR_RADIX);
    } catch (NumberFormatException e) {
      throw Problem.badParameters(
          List.of(new Problem.FieldError("cursor", "must be the nextCursor of a page")));
    }
  }

  private static Predicate<StoredPet> filter(Parameters parameters) {
    String status = parameters.text("status");
    String tag = parameters.text("tag");
    PetStatus wanted =
        status == null ? null : Json.GSON.fromJson(new JsonPrimitive(status), PetStatus.class);
    return pet ->
        (wanted == null || pet.data().status() == wanted)
            && (tag == null || pet.data().tags().contains(tag));
  }

  private void create(Exchange exchange) throws IOException {
    StoredPet pet = pets.create(exchange.json(PetData.class));
    exchange.response().setHeader("Location", "/pets/" + pet.id());
    send(exchange, 201, pet);
  }

  private void get(Exchange exchange) throws IOException {
    StoredPet pet = pets.get(exchange.id("petId"));
    if (EntityTags.known(exchange.parameters().text("If-None-Match"), pet.etag())) {
      exchange.response().setHeader("ETag", pet.etag());
      exchange.sendNothing(304);
    } else {
      send(exchange, 200, pet);
    }
  }

  private void replace(Exchange exchange) throws IOException {
    PetData data = exchange.json(PetData.class);
    send(exchange, 200, pets.update(exchange.id("petId"), ifMatch(exchange), old -> data));
  }

  private void patch(Exchange exchange) throws IOException {
    JsonObject patch = exchange.json().getAsJsonObject();
    StoredPet pet =
        pets.update(exchange.id("petId"), ifMatch(exchange), old -> patched(old, patch));
    send(exchange, 200, pet);
  }

  private PetData patched(PetData old, JsonObject patch) {
    JsonObject json = Json.GSON.toJsonTree(old).getAsJsonObject();
    for (Map.Entry<String, JsonElement> field : patch.entrySet()) {
      if (field.getValue().isJsonNull()) {
        json.remove(field.getKey());
      } else {
        json.add(field.getKey(), field.getValue());
      }
    }
    Exchange.requireValid(petData, json);
    return Json.GSON.fromJson(json, PetData.class);
  }

  private void delete(Exchange exchange) {
    pets.delete(exchange.id("petId"), ifMatch(exchange));
    exchange.sendNothing(204);
  }

  private void inventory(Exchange exchange) throws IOException {
    JsonObject json = new JsonObject();
    for (PetStatus status : PetStatus.values()) {
      json.addProperty(Json.GSON.toJsonTree(status).getAsString(), pets.count(status));
    }
    exchange.send(200, json);
  }

  private void stream(Exchange exchange) throws IOException {
    Long maxEvents = exchange.parameters().number("maxEvents");
    exchange.response().setContentType("text/event-stream");
    exchange.response().setHeader("Cache-Control", "no-store");
    if (exchange.request().getMethod().equals("HEAD")) {
      return;
    }
    Long lastSeen = exchange.parameters().number("Last-Event-ID");
    EventReader reader = events.open(lastSeen, maxEvents == null ? Long.MAX_VALUE : maxEvents);
    reader.start(exchange.request());
  }

  private static String ifMatch(Exchange exchange) {
    return exchange.parameters().text("If-Match");
  }

  private static void send(Exchange exchange, int status, StoredPet pet) throws IOException {
    exchange.response().setHeader("ETag", pet.etag());
    exchange.send(status, pet.toJson());
  }
}
