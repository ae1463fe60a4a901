package io.culvert.frame;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Named text values: a dialer's metadata, a stream's attributes. On the wire each pair is a name
 * (u8 length, UTF-8) and a value (u16 length, UTF-8); names are unique and not empty.
 */
public final class Attributes {
  private static final int MAX_NAME = 0xff;
  private static final int MAX_VALUE = 0xffff;

  private Attributes() {}

  /**
   * The encoded pairs.
   *
   * @throws IllegalArgumentException if a name or value is too long or empty, or the whole is
   *     longer than {@code limit} bytes
   */
  public static byte[] encode(Map<String, String> attributes, int limit) {
    int size = 0;
    for (Map.Entry<String, String> entry : attributes.entrySet()) {
      size += 3 + utf8(entry.getKey(), MAX_NAME, "name").length;
      size += utf8(entry.getValue(), MAX_VALUE, "value of " + entry.getKey()).length;
      if (entry.getKey().isEmpty()) {
        throw new IllegalArgumentException("an attribute's name must not be empty");
      }
      if (size > limit) {
        throw new IllegalArgumentException(
            "attributes may have at most " + limit + " bytes when encoded");
      }
    }
    ByteBuffer out = ByteBuffer.allocate(size);
    attributes.forEach(
        (name, value) -> {
          byte[] nameBytes = name.getBytes(StandardCharsets.UTF_8);
          byte[] valueBytes = value.getBytes(StandardCharsets.UTF_8);
          out.put((byte) nameBytes.length).put(nameBytes);
          out.putShort((short) valueBytes.length).put(valueBytes);
        });
    return out.array();
  }

  /**
   * An unmodifiable copy in the same order that is certain to be encodable within the limit.
   *
   * @throws IllegalArgumentException as {@link #encode}
   */
  public static Map<String, String> copy(Map<String, String> attributes, int limit) {
    Map<String, String> copy = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    encode(copy, limit);
    return copy;
  }

  /** Reads pairs up to the buffer's limit, in their order; the map is unmodifiable. */
  static Map<String, String> decode(ByteBuffer in) throws ProtocolException {
    if (!in.hasRemaining()) {
      return Map.of();
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    while (in.hasRemaining()) {
      String name = text(in, Byte.toUnsignedInt(in.get()));
      if (in.remaining() < 2) {
        throw new ProtocolException("attribute " + attributes.size() + " has no value");
      }
      String value = text(in, Short.toUnsignedInt(in.getShort()));
      if (name.isEmpty() || attributes.put(name, value) != null) {
        throw new ProtocolException("attribute names must be unique and not empty");
      }
    }
    return Collections.unmodifiableMap(attributes);
  }

  /** Decodes {@code length} bytes of strict UTF-8 of a buffer that is backed by an array. */
  static String text(ByteBuffer in, int length) throws ProtocolException {
    if (length > in.remaining()) {
      throw new ProtocolException(
          "a text of " + length + " bytes does not fit into the " + in.remaining() + " left");
    }
    int start = in.position();
    in.position(start + length);
    String text = new String(in.array(), in.arrayOffset() + start, length, StandardCharsets.UTF_8);
    // Only what cannot be decoded becomes a replacement character, unless it was one already. A
    // strict decoder costs ten times the memory of a short text, so it is asked only then.
    if (text.indexOf('\ufffd') >= 0) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(in.slice(start, length));
      } catch (CharacterCodingException e) {
        throw new ProtocolException("a text is not valid UTF-8");
      }
    }
    return text;
  }

  private static byte[] utf8(String text, int limit, String what) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > limit) {
      throw new IllegalArgumentException(
          "attribute " + what + " has " + bytes.length + " bytes; the limit is " + limit);
    }
    return bytes;
  }
}
