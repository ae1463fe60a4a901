package io.culvert.frame;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * One packet of the files in {@code golden/}, whose heads explain the format.
 *
 * @param outcome the text behind {@code !}; empty if the packet is well-formed
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Vector(String name, String outcome, byte[] bytes) {

  /** Every packet that is written as it is read. */
  public static List<Vector> golden() {
    return load("packets.txt");
  }

  /** Packets that are read, but written differently or never. */
  public static List<Vector> lenient() {
    return load("lenient.txt");
  }

  /** Packets that are refused. */
  public static List<Vector> malformed() {
    return load("malformed.txt");
  }

  /** The bytes of all of them: what a fuzzer starts from. */
  public static Stream<byte[]> corpus() {
    return Stream.of(golden(), lenient(), malformed()).flatMap(List::stream).map(Vector::bytes);
  }

  /** A buffer over a copy. */
  public ByteBuffer buffer() {
    return ByteBuffer.wrap(bytes.clone());
  }

  @Override
  public String toString() {
    return name;
  }

  /** Reads the bytes of a vector: {@code 0a ff 00*20}. */
  public static byte[] parse(String hex) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (String token : hex.strip().split("\\s+", -1)) {
      if (!token.isEmpty()) {
        int value = HexFormat.fromHexDigits(token, 0, 2);
        int count = token.length() == 2 ? 1 : Integer.parseInt(token.substring(3));
        for (int i = 0; i < count; i++) {
          bytes.write(value);
        }
      }
    }
    return bytes.toByteArray();
  }

  private static List<Vector> load(String file) {
    List<Vector> vectors = new ArrayList<>();
    String name = null;
    String outcome = "";
    StringBuilder hex = new StringBuilder();
    try (InputStream in = Vector.class.getResourceAsStream("/golden/" + file);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.startsWith("[")) {
          if (name != null) {
            vectors.add(new Vector(name, outcome, parse(hex.toString())));
          }
          name = line.substring(1, line.indexOf(']'));
          outcome = "";
          hex.setLength(0);
        } else if (line.startsWith("!")) {
          outcome = line.substring(1).strip();
        } else if (!line.startsWith("#")) {
          hex.append(line).append(' ');
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    vectors.add(new Vector(name, outcome, parse(hex.toString())));
    return vectors;
  }
}
