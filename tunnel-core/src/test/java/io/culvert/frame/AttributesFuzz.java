package io.culvert.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

class AttributesFuzz {

  static Stream<byte[]> seeds() {
    return Stream.of(
        new byte[0],
        Attributes.encode(Map.of("kind", "http"), 100),
        Attributes.encode(Map.of("name", "k\u00e4se \ud83e\uddc0", "empty", ""), 100),
        Attributes.encode(Map.of("n", "x\ufffdy"), 100),
        "\u0001a\u0000\u0000\u0001a\u0000\u0000".getBytes(StandardCharsets.UTF_8));
  }

  /** There is one encoding of each list of pairs, so what was accepted is written as it was. */
  @MethodSource("seeds")
  @FuzzTest
  void anyBytesAreRefusedOrWrittenAgain(byte @NotNull [] bytes) {
    Map<String, String> attributes;
    try {
      attributes = Attributes.decode(ByteBuffer.wrap(bytes));
    } catch (ProtocolException e) {
      return;
    }
    assertArrayEquals(bytes, Attributes.encode(attributes, bytes.length));
  }
}
