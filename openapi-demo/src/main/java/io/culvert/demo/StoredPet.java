package io.culvert.demo;

import com.google.gson.JsonObject;
import java.time.Instant;

/**
 * A pet as the store keeps it. Immutable.
 *
 * @param version grows by one with each change
 * @param photo null if there is none
 */
record StoredPet(
    long id, long version, PetData data, StoredPhoto photo, Instant createdAt, Instant updatedAt) {

  StoredPet with(PetData newData, Instant now) {
    return new StoredPet(id, version + 1, newData, photo, createdAt, now);
  }

  StoredPet with(StoredPhoto newPhoto, Instant now) {
    return new StoredPet(id, version + 1, data, newPhoto, createdAt, now);
  }

  String etag() {
    return "\"" + id + "-" + version + "\"";
  }

  int photoBytes() {
    return photo == null ? 0 : photo.size();
  }

  /** The pet in the shape that the document calls {@code Pet}. */
  JsonObject toJson() {
    JsonObject json = Json.GSON.toJsonTree(data).getAsJsonObject();
    json.addProperty("id", id);
    json.addProperty("hasPhoto", photo != null);
    json.addProperty("createdAt", createdAt.toString());
    json.addProperty("updatedAt", updatedAt.toString());
    return json;
  }
}
