package io.culvert.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttributesTest {

  @Test
  void pairsKeepTheirOrder() throws ProtocolException {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String name : List.of("z", "a", "m", "b")) {
      pairs.put(name, name + name);
    }

    Map<String, String> read = roundTrip(pairs);

    assertEquals(new ArrayList<>(pairs.entrySet()), new ArrayList<>(read.entrySet()));
  }

  @Test
  void whatIsReadCannotBeChanged() throws ProtocolException {
    Map<String, String> read = roundTrip(Map.of("a", "b"));

    assertThrows(UnsupportedOperationException.class, () -> read.put("c", "d"));
    assertThrows(UnsupportedOperationException.class, () -> roundTrip(Map.of()).put("c", "d"));
  }

  @Test
  void namesHaveOneTo255Bytes() throws ProtocolException {
    String longest = "\u00e4".repeat(127) + "n";
    assertEquals(Map.of(longest, "v"), roundTrip(Map.of(longest, "v")));

    refused("attribute name has 256 bytes; the limit is 255", Map.of(longest + "n", "v"), 1000);
    refused("an attribute's name must not be empty", Map.of("", "v"), 1000);
  }

  @Test
  void valuesHaveUpTo65535Bytes() throws ProtocolException {
    String longest = "v".repeat(65_535);
    assertEquals(Map.of("n", longest), roundTrip(Map.of("n", longest)));

    refused(
        "attribute value of n has 65536 bytes; the limit is 65535",
        Map.of("n", longest + "v"),
        1_000_000);
  }

  @Test
  void theLimitIsOfEncodedBytes() {
    Map<String, String> tenBytes = Map.of("name", "\u20ac");

    assertEquals(10, Attributes.encode(tenBytes, 10).length);
    refused("attributes may have at most 9 bytes when encoded", tenBytes, 9);
    refused(
        "attributes may have at most 19 bytes when encoded",
        Map.of("a", "123456", "b", "123456"),
        19);
  }

  @Test
  void theEmptyMapHasNoBytes() {
    assertEquals(0, Attributes.encode(Map.of(), 0).length);
  }

  private static void refused(String reason, Map<String, String> pairs, int limit) {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> Attributes.encode(pairs, limit));
    assertEquals(reason, refusal.getMessage());
  }

  private static Map<String, String> roundTrip(Map<String, String> pairs) throws ProtocolException {
    return Attributes.decode(ByteBuffer.wrap(Attributes.encode(pairs, 1_000_000)));
  }
}
