package io.culvert.demo;

import com.google.gson.JsonObject;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The operations on photos. */
final class PhotoOperations {
  /**
   * What a form may be larger than its photo: the boundaries, the headers of the parts and the
   * caption.
   */
  private static final int FORM_OVERHEAD = 64 * 1024;

  private static final String BINARY = "application/octet-stream";

  /**
   * What a photo is served as. Any other type, such as a page with a script, is served as plain
   * bytes.
   */
  private static final Set<String> MEDIA_TYPES = Set.of(BINARY, "image/jpeg", "image/png");

  private final PetStore pets;

  PhotoOperations(PetStore pets) {
    this.pets = pets;
  }

  /** The handlers by operation id. */
  Map<String, Handler> handlers() {
    return Map.of(
        "downloadPhoto", this::download,
        "uploadPhoto", this::upload,
        "submitPhotoForm", this::submitForm,
        "deletePhoto", this::delete);
  }

  private void download(Exchange exchange) throws IOException {
    StoredPhoto photo = existing(exchange.id("petId"));
    var response = exchange.response();
    response.setContentType(photo.mediaType());
    response.setContentLength(photo.size());
    response.setHeader("X-Content-Type-Options", "nosniff");
    String digest = Base64.getEncoder().encodeToString(photo.sha256());
    response.setHeader("Repr-Digest", "sha-256=:" + digest + ":");
    photo.writeTo(response.getOutputStream());
  }

  private void upload(Exchange exchange) throws IOException {
    // Asked before the body is read: nobody should send megabytes to learn that there is no such
    // pet.
    pets.get(exchange.id("petId"));
    exchange.requireMediaType();
    byte[] bytes =
        Body.read(exchange.request(), "maxPhotoBytes", exchange.limits().maxPhotoBytes());
    store(exchange, bytes, exchange.request().getContentType(), null);
  }

  private void submitForm(Exchange exchange) throws IOException {
    pets.get(exchange.id("petId"));
    exchange.requireMediaType();
    HttpServletRequest request = exchange.request();
    int max = exchange.limits().maxPhotoBytes();
    Body.requireLength(request, "maxPhotoBytes", max, (long) max + FORM_OVERHEAD);
    Part photo = part(request, "photo", max);
    if (photo == null) {
      throw Problem.invalid(List.of(new Problem.FieldError("photo", "is required")));
    }
    if (photo.getSize() > max) {
      throw Problem.tooLarge("maxPhotoBytes", max);
    }
    Part caption = part(request, "caption", max);
    store(exchange, content(photo), photo.getContentType(), text(exchange, caption));
  }

  /** A part of the form, or null if it has none of that name. */
  private static Part part(HttpServletRequest request, String name, int max) throws IOException {
    // Where Jetty looks for what other containers take from @MultipartConfig. Parts stay in memory.
    int size = max + FORM_OVERHEAD;
    request.setAttribute(
        "org.eclipse.jetty.multipartConfig", new MultipartConfigElement("", size, size, size));
    try {
      return request.getPart(name);
    } catch (ServletException | IllegalStateException e) {
      // Containers report a form that is too large in many ways, hardly to be told from one that is
      // malformed.
      throw Problem.refuse(
          400,
          "Malformed form",
          "The form is malformed, or larger than maxPhotoBytes, " + max + ", allows.");
    }
  }

  private static String text(Exchange exchange, Part caption) throws IOException {
    if (caption == null) {
      return null;
    }
    String text = new String(content(caption), StandardCharsets.UTF_8);
    JsonObject form = new JsonObject();
    form.addProperty("photo", "");
    form.addProperty("caption", text);
    exchange.requireValid(form);
    return text;
  }

  private static byte[] content(Part part) throws IOException {
    try (InputStream in = part.getInputStream()) {
      return in.readAllBytes();
    }
  }

  private void store(Exchange exchange, byte[] bytes, String contentType, String caption)
      throws IOException {
    String type = Exchange.mediaType(contentType);
    String kept = MEDIA_TYPES.contains(type) ? type : BINARY;
    long petId = exchange.id("petId");
    StoredPhoto photo = new StoredPhoto(bytes, kept, caption);
    pets.setPhoto(petId, photo);
    JsonObject json = new JsonObject();
    json.addProperty("petId", petId);
    json.addProperty("mediaType", kept);
    json.addProperty("bytes", bytes.length);
    json.addProperty("sha256", HexFormat.of().formatHex(photo.sha256()));
    if (caption != null) {
      json.addProperty("caption", caption);
    }
    exchange.send(200, json);
  }

  private void delete(Exchange exchange) {
    long petId = exchange.id("petId");
    existing(petId);
    pets.setPhoto(petId, null);
    exchange.sendNothing(204);
  }

  private StoredPhoto existing(long petId) {
    StoredPhoto photo = pets.get(petId).photo();
    if (photo == null) {
      throw Problem.notFound("photo of pet", petId);
    }
    return photo;
  }
}
