package io.culvert.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.FrameType;
import io.culvert.frame.Vector;
import io.culvert.frame.Wire;
import io.culvert.link.Acknowledger;
import io.culvert.stream.StreamLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The tables and vectors of docs/protocol.md say what the code does. */
class ProtocolTextTest {
  private static final String TEXT = text();

  @Test
  void vectorsAreThoseOfTheFiles() {
    Matcher block = Pattern.compile("```vector (\\S+)\n(.*?)```", Pattern.DOTALL).matcher(TEXT);
    List<String> names = new ArrayList<>();
    while (block.find()) {
      String name = block.group(1);
      names.add(name);
      Vector vector =
          Vector.golden().stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
      assertArrayEquals(vector.bytes(), Vector.parse(block.group(2)), name);
    }
    assertTrue(names.size() >= 2, names.toString());
  }

  @Test
  void everyErrorCodeHasItsRow() {
    List<String> expected =
        Arrays.stream(ErrorCode.values())
            .filter(code -> code != ErrorCode.UNKNOWN)
            .map(code -> code.number() + " " + code)
            .toList();

    assertEquals(
        expected,
        rows("Error codes").stream()
            .filter(row -> row[0].matches("\\d+"))
            .map(row -> row[0] + " " + row[1])
            .toList());
  }

  @Test
  void everyFrameTypeHasItsRow() {
    List<String> expected =
        Arrays.stream(FrameType.values())
            .map(
                type ->
                    String.format(Locale.ROOT, "%s 0x%02x %s", type, type.number(), type.kind()))
            .toList();

    assertEquals(
        expected,
        rows("Frames").stream()
            .filter(row -> row.length == 5 && row[1].startsWith("0x"))
            .map(row -> row[0] + " " + row[1] + " " + row[2])
            .toList());
  }

  @Test
  void limitsAreThoseOfTheCode() {
    StreamLimits streams = StreamLimits.DEFAULT;
    EngineConfig config = EngineConfig.DEFAULT;
    limit("packet", Wire.MAX_PACKET);
    limit("attributes of OPEN", Wire.MAX_ATTRIBUTES);
    limit("data of PING and PONG", Wire.MAX_PING_DATA);
    limit("reason", Wire.MAX_REASON);
    limit("metadata of HELLO", config.metadataLimit());
    assertTrue(
        TEXT.contains(String.format(Locale.ROOT, "%,d fit into a packet", Wire.MAX_METADATA)));
    limit("window", streams.window());
    limit("largest window", streams.maxWindow());
    limit("growth of all windows", streams.growthBudget());
    limit("send buffer", streams.sendBuffer());
    limit("streams", streams.streams());
    limit("unacknowledged SEQ packets", config.replayBuffer());
    limit("in transit to the socket", config.transit());
    limit("handshake", config.handshakeTimeout() / 1_000_000_000);
    assertEquals(
        config.heartbeatIdle() / 1_000_000_000 + " + " + config.heartbeatTimeout() / 1_000_000_000,
        row("heartbeat")[1]);
    assertEquals(
        String.format(
            Locale.ROOT, "%,d / %d", Acknowledger.BYTES, Acknowledger.DELAY_NANOS / 1_000_000),
        row("acknowledgement")[1]);
  }

  private static void limit(String name, long value) {
    assertEquals(String.format(Locale.ROOT, "%,d", value), row(name)[1], name);
  }

  private static String[] row(String name) {
    return rows("Limits").stream().filter(row -> row[0].equals(name)).findFirst().orElseThrow();
  }

  /** Cells of all table rows of one section. */
  private static List<String[]> rows(String heading) {
    int start = TEXT.indexOf("\n## " + heading + "\n");
    int end = TEXT.indexOf("\n## ", start + 4);
    return TEXT.substring(start, end)
        .lines()
        .filter(line -> line.startsWith("|"))
        .map(line -> line.substring(1, line.length() - 1).strip().split("\\s*\\|\\s*", -1))
        .toList();
  }

  private static String text() {
    try {
      return Files.readString(Path.of("..", "docs", "protocol.md"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
