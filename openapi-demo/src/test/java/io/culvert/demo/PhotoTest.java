package io.culvert.demo;

import static io.culvert.demo.PetStoreServer.pet;
import static io.culvert.demo.PetStoreServer.problem;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.demo.client.model.Limit;
import io.culvert.demo.client.model.Photo;
import io.culvert.demo.client.model.Problem;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import okhttp3.MediaType;
import okhttp3.MultipartBody;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PhotoTest {
  private static final int MAX = Limits.DEFAULT.maxPhotoBytes();

  @TempDir private Path directory;
  private PetStoreServer store;
  private long id;

  @BeforeEach
  void start() throws Exception {
    store = new PetStoreServer();
    id = store.pets.createPet(pet("Mia")).getId();
  }

  @AfterEach
  void stop() {
    store.close();
  }

  @Test
  void photoComesBackByteForByte() throws Exception {
    for (int size : new int[] {0, 1, 65_536, MAX}) {
      byte[] bytes = bytes(size);
      Photo stored = store.pets.uploadPhoto(id, file("photo.bin", bytes));
      assertEquals(HexFormat.of().formatHex(sha256(bytes)), stored.getSha256());
      assertEquals(size, stored.getBytes());
      File downloaded = store.pets.downloadPhoto(id);
      assertArrayEquals(sha256(bytes), sha256(Files.readAllBytes(downloaded.toPath())));
      Files.delete(downloaded.toPath());
    }
    assertTrue(store.pets.getPet(id, null).getHasPhoto());
  }

  @Test
  void formCarriesPhotoAndCaption() throws Exception {
    byte[] bytes = bytes(3_000_000);
    String caption = "Mia & Tom \u2713";
    Photo stored = store.pets.submitPhotoForm(id, file("photo.png", bytes), caption);
    assertEquals(caption, stored.getCaption());
    assertEquals("image/png", stored.getMediaType());
    assertEquals(HexFormat.of().formatHex(sha256(bytes)), stored.getSha256());
    try (Response response = store.send("/pets/" + id + "/photo", new Request.Builder())) {
      assertEquals("image/png", response.header("Content-Type"));
      String digest = "sha-256=:" + Base64.getEncoder().encodeToString(sha256(bytes)) + ":";
      assertEquals(digest, response.header("Repr-Digest"));
      assertArrayEquals(bytes, response.body().bytes());
    }
  }

  @Test
  void formIsCheckedLikeEveryBody() throws Exception {
    MultipartBody.Builder form = new MultipartBody.Builder().setType(MultipartBody.FORM);
    Problem missing = problem(422, post(form.addFormDataPart("caption", "hello").build()));
    assertEquals("photo", missing.getErrors().get(0).getField());
    File photo = file("photo.png", bytes(10));
    Problem invalid = problem(422, () -> store.pets.submitPhotoForm(id, photo, "x".repeat(201)));
    assertEquals("caption", invalid.getErrors().get(0).getField());
    MediaType formType = MediaType.get("multipart/form-data; boundary=x");
    problem(400, post(RequestBody.create("this is no form", formType)));
  }

  @Test
  void activeContentIsServedAsPlainBytes() throws Exception {
    store.pets.submitPhotoForm(id, file("page.html", bytes(10)), null);
    try (Response response = store.send("/pets/" + id + "/photo", new Request.Builder())) {
      assertEquals("application/octet-stream", response.header("Content-Type"));
      assertEquals("nosniff", response.header("X-Content-Type-Options"));
    }
  }

  @Test
  void tooLargePhotoNamesTheLimit() throws Exception {
    File tooLarge = file("photo.png", bytes(MAX + 1));
    assertLimit(problem(413, () -> store.pets.uploadPhoto(id, tooLarge)));
    assertLimit(problem(413, () -> store.pets.submitPhotoForm(id, tooLarge, "big")));
    assertLimit(problem(413, put(withoutLength(Files.readAllBytes(tooLarge.toPath())))));
    File muchTooLarge = file("photo2.png", bytes(3 * MAX));
    assertLimit(problem(413, () -> store.pets.uploadPhoto(id, muchTooLarge)));
    problem(404, () -> store.pets.downloadPhoto(id));
  }

  @Test
  void tooLargeFormOfUnknownLengthNamesTheLimit() throws Exception {
    byte[] head =
        "--x\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"p\"\r\n\r\n"
            .getBytes(StandardCharsets.UTF_8);
    byte[] form = new byte[MAX + 200_000];
    System.arraycopy(head, 0, form, 0, head.length);
    RequestBody body = withoutLength(form, "multipart/form-data; boundary=x");
    Problem refused = problem(400, post(body));
    assertTrue(refused.getDetail().contains("maxPhotoBytes"), refused.getDetail());
  }

  @Test
  void photosTogetherAreBounded() throws Exception {
    Limits small = new Limits(10, 10, 1000, 600, 1000, 1, 1000, 1000);
    try (PetStoreServer full = new PetStoreServer(small)) {
      long first = full.pets.createPet(pet("Mia")).getId();
      long second = full.pets.createPet(pet("Tom")).getId();
      File photo = file("photo.png", bytes(600));
      full.pets.uploadPhoto(first, photo);
      full.pets.uploadPhoto(first, photo);
      Problem refused = problem(507, () -> full.pets.uploadPhoto(second, photo));
      assertEquals("maxTotalPhotoBytes", refused.getLimit().getName());
      full.pets.deletePhoto(first);
      full.pets.uploadPhoto(second, photo);
      problem(507, () -> full.pets.uploadPhoto(first, photo));
      full.pets.deletePet(second, null);
      full.pets.uploadPhoto(first, photo);
    }
  }

  @Test
  void deletedPhotoIsGone() throws Exception {
    store.pets.uploadPhoto(id, file("photo.png", bytes(10)));
    store.pets.deletePhoto(id);
    problem(404, () -> store.pets.downloadPhoto(id));
    problem(404, () -> store.pets.deletePhoto(id));
    problem(404, () -> store.pets.uploadPhoto(99L, file("photo.png", bytes(10))));
  }

  @Test
  void bodyOfAnotherTypeIsRefused() throws Exception {
    Problem refused = problem(415, put(RequestBody.create("x", MediaType.get("text/plain"))));
    assertTrue(refused.getDetail().contains("image/png"), refused.getDetail());
  }

  private static void assertLimit(Problem problem) {
    assertEquals(new Limit().name("maxPhotoBytes").value((long) MAX), problem.getLimit());
  }

  private Response put(RequestBody body) throws IOException {
    return store.send("/pets/" + id + "/photo", new Request.Builder().put(body));
  }

  private Response post(RequestBody body) throws IOException {
    return store.send("/pets/" + id + "/photo", new Request.Builder().post(body));
  }

  private static RequestBody withoutLength(byte[] bytes) {
    return withoutLength(bytes, "application/octet-stream");
  }

  private static RequestBody withoutLength(byte[] bytes, String mediaType) {
    return new RequestBody() {
      @Override
      public MediaType contentType() {
        return MediaType.get(mediaType);
      }

      @Override
      public void writeTo(BufferedSink sink) throws IOException {
        sink.write(bytes);
      }
    };
  }

  private File file(String name, byte[] bytes) throws IOException {
    return Files.write(directory.resolve(name), bytes).toFile();
  }

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  private static byte[] sha256(byte[] bytes) throws Exception {
    return MessageDigest.getInstance("SHA-256").digest(bytes);
  }
}
