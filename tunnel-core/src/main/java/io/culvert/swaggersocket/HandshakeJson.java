package io.culvert.swaggersocket;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import io.culvert.frame.ProtocolException;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as Go's {@code encoding/json} writes and reads it: what is written is equal to its bytes;
 * what is read may have keys in any case and order, fields that nobody knows, and anything behind
 * the first value.
 */
final class HandshakeJson {
  /** Go writes the keys of a map in the order of their bytes. */
  private static final Comparator<String> BYTE_ORDER =
      Comparator.comparing(HandshakeJson::utf8, Arrays::compareUnsigned);

  private static final String HEX = "0123456789abcdef";

  private HandshakeJson() {}

  /** The JSON text of an object of strings; {@code null} if it is empty. */
  static String text(Map<String, String> strings) {
    if (strings.isEmpty()) {
      return "null";
    }
    StringBuilder json = new StringBuilder("{");
    List<String> keys = strings.keySet().stream().sorted(BYTE_ORDER).toList();
    for (String key : keys) {
      json.append(json.length() == 1 ? "" : ",").append(text(key)).append(':');
      json.append(text(strings.get(key)));
    }
    return json.append('}').toString();
  }

  /** The JSON text of a string. */
  static String text(String value) {
    StringBuilder json = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      append(json, value.charAt(i));
    }
    return json.append('"').toString();
  }

  private static void append(StringBuilder json, char c) {
    switch (c) {
      case '"', '\\' -> json.append('\\').append(c);
      case '\n' -> json.append("\\n");
      case '\r' -> json.append("\\r");
      case '\t' -> json.append("\\t");
      // What would mean something to HTML or to JavaScript is escaped too.
      case '<', '>', '&', '\u2028', '\u2029' -> appendEscape(json, c);
      default -> {
        if (c < ' ') {
          appendEscape(json, c);
        } else {
          json.append(c);
        }
      }
    }
  }

  private static void appendEscape(StringBuilder json, char c) {
    json.append("\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
      json.append(HEX.charAt(c >> shift & 0xf));
    }
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The object that the message begins with; an empty one for {@code null}, as Go has it.
   *
   * @throws ProtocolException if it begins with anything else
   */
  static JsonObject object(ByteBuffer message) throws ProtocolException {
    int size = message.remaining();
    JsonElement value;
    JsonReader reader = new JsonReader(new StringReader(decode(message)));
    reader.setStrictness(Strictness.STRICT);
    try {
      JsonToken unused = reader.peek(); // throws if nothing is there; the parser would give null
      value = JsonParser.parseReader(reader);
    } catch (IOException | JsonParseException e) {
      throw new ProtocolException("got " + size + " bytes that are no JSON");
    }
    if (value.isJsonNull()) {
      return new JsonObject();
    }
    if (!value.isJsonObject()) {
      throw new ProtocolException("got " + size + " bytes of JSON that are no object");
    }
    return value.getAsJsonObject();
  }

  private static String decode(ByteBuffer message) {
    return StandardCharsets.UTF_8.decode(message.duplicate()).toString();
  }

  /** The field's value, {@code JsonNull} if it is missing; of several the last. */
  static JsonElement field(JsonObject object, String name) {
    JsonElement value = JsonNull.INSTANCE;
    for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
      if (entry.getKey().equalsIgnoreCase(name)) {
        value = entry.getValue();
      }
    }
    return value;
  }

  /**
   * The text of a field, empty if it is missing or null.
   *
   * @throws ProtocolException if it is no string
   */
  static String string(JsonObject object, String name) throws ProtocolException {
    JsonElement value = field(object, name);
    if (value.isJsonNull()) {
      return "";
    }
    if (!isString(value)) {
      throw new ProtocolException("got a field " + name + " that is no string");
    }
    return value.getAsString();
  }

  /**
   * Any JSON as metadata: the fields of an object, strings as they are and anything else as its
   * JSON text; nothing for null; else one entry {@code Meta} with the JSON text.
   */
  static Map<String, String> metadata(JsonElement meta) {
    if (meta.isJsonNull()) {
      return Map.of();
    }
    if (!meta.isJsonObject()) {
      return Map.of("Meta", meta.toString());
    }
    Map<String, String> entries = new LinkedHashMap<>();
    for (Map.Entry<String, JsonElement> entry : meta.getAsJsonObject().entrySet()) {
      JsonElement value = entry.getValue();
      entries.put(entry.getKey(), isString(value) ? value.getAsString() : value.toString());
    }
    return Collections.unmodifiableMap(entries);
  }

  private static boolean isString(JsonElement value) {
    return value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
  }
}
