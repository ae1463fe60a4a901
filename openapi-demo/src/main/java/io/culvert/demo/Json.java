package io.culvert.demo;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * JSON as the document writes it: RFC 8259 strictly, ISO 8601 times, absent members instead of
 * nulls.
 */
final class Json {
  static final Gson GSON =
      new GsonBuilder()
          .setStrictness(Strictness.STRICT)
          .disableHtmlEscaping()
          .registerTypeAdapter(Instant.class, text(Instant::parse))
          .registerTypeAdapter(LocalDate.class, text(LocalDate::parse))
          .create();

  private static final Pattern PLACE = Pattern.compile("at line \\d+ column \\d+");

  private Json() {}

  static byte[] bytes(Object value) {
    return GSON.toJson(value).getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Parses exactly one JSON value in UTF-8.
   *
   * @throws JsonParseException if the bytes are anything else
   */
  static JsonElement parse(byte[] utf8) {
    JsonReader reader = new JsonReader(new StringReader(new String(utf8, StandardCharsets.UTF_8)));
    reader.setStrictness(Strictness.STRICT);
    try {
      JsonElement value = GSON.getAdapter(JsonElement.class).read(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new JsonParseException("more than one value");
      }
      return value;
    } catch (MalformedJsonException e) {
      // Gson's message tells programmers how to make it lenient; callers only need the place.
      Matcher place = PLACE.matcher(e.getMessage());
      throw new JsonParseException(
          place.find() ? "something unexpected " + place.group() : "malformed", e);
    } catch (IOException e) {
      throw new JsonParseException(e.getMessage(), e);
    }
  }

  private static <T> TypeAdapter<T> text(Function<String, T> parser) {
    return new TypeAdapter<T>() {
      @Override
      public void write(JsonWriter out, T value) throws IOException {
        out.value(value.toString());
      }

      @Override
      public T read(JsonReader in) throws IOException {
        return parser.apply(in.nextString());
      }
    }.nullSafe();
  }
}
