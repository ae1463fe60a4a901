package io.culvert.demo;

import io.culvert.SocketConnection;
import io.culvert.demo.client.ApiClient;
import io.culvert.demo.client.ApiException;
import io.culvert.demo.client.api.PetApi;
import io.culvert.demo.client.model.Pet;
import io.culvert.demo.client.model.PetData;
import io.culvert.demo.client.model.PetPatch;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import okhttp3.OkHttpClient;
import okhttp3.Response;
import okio.BufferedSource;

/** Drives the peer's pet store with the generated client, through one connection. */
final class PetShopper {
  private static final int PHOTO_BYTES = 200_000;

  private final PetApi pets;
  private final Transcript transcript;

  PetShopper(SocketConnection connection, String direction, Transcript transcript) {
    this.transcript = transcript;
    OkHttpClient http =
        new OkHttpClient.Builder()
            .addInterceptor(transcript.calls(direction))
            .addInterceptor(connection)
            .build();
    pets = new PetApi(new ApiClient(http));
  }

  /** Creates, lists, changes, photographs and removes a pet. */
  void shop(String name) throws ApiException, IOException {
    Pet pet = pets.createPet(new PetData().name(name).species("cat").priceCents(12_000L));
    pets.listPets(10, null, null, null);
    pets.patchPet(pet.getId(), new PetPatch().priceCents(9_900L), null);
    exchangePhoto(pet.getId());
    pets.deletePet(pet.getId(), null);
    try {
      pets.getPet(pet.getId(), null);
      throw new IOException("a pet that was removed is still there");
    } catch (ApiException e) {
      if (e.getCode() != 404) {
        throw e;
      }
    }
  }

  private void exchangePhoto(long id) throws ApiException, IOException {
    byte[] bytes = new byte[PHOTO_BYTES];
    new Random(id).nextBytes(bytes);
    Path photo = Files.createTempFile("culvert-demo", ".png");
    File back = null;
    try {
      Files.write(photo, bytes);
      pets.uploadPhoto(id, photo.toFile());
      back = pets.downloadPhoto(id);
      if (Files.mismatch(photo, back.toPath()) >= 0) {
        throw new IOException("the photo came back changed");
      }
    } finally {
      Files.delete(photo);
      if (back != null) {
        Files.delete(back.toPath());
      }
    }
  }

  /** Reads the feed of changes; makes each change only when the one before has arrived. */
  void watch(String... names) throws ApiException, IOException {
    try (Response feed = pets.streamPetEventsCall(null, names.length, null).execute()) {
      BufferedSource source = feed.body().source();
      for (String name : names) {
        pets.createPet(new PetData().name(name).species("dog"));
        String line;
        do {
          line = source.readUtf8LineStrict();
        } while (!line.startsWith("data:"));
        transcript.line("    event: " + line);
      }
    }
  }
}
