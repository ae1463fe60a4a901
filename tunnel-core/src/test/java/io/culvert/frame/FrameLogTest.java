package io.culvert.frame;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class FrameLogTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          hello;                 << CTRL ack 0 | HELLO v1 [app]
          welcome;               << CTRL ack 0 | WELCOME v1
          confirm;               << CTRL ack 0 | CONFIRM
          resume;                << CTRL ack 0 | RESUME epoch 2 received 1000
          resumed;               << CTRL ack 0 | RESUMED epoch 2 received 2000
          reject;                << CTRL ack 0 | REJECT UNKNOWN_CONNECTION there is no such connection
          ack;                   << CTRL ack 300 | ACK
          ping;                  << CTRL ack 3 | PING 7
          ping-and-pong;         << CTRL ack 9 | PONG 41 | PING 42
          close;                 << CTRL ack 12 | CLOSE NO_ERROR bye
          open-with-attributes;  << SEQ 2 ack 7 | OPEN 4 [kind, name]
          data;                  << SEQ 3 ack 1 | DATA 1 len 5
          data-with-fin;         << SEQ 4 ack 0 | DATA 1 len 5 FIN
          credit;                << SEQ 7 ack 0 | CREDIT 3 to 5000000000
          reset;                 << SEQ 9 ack 0 | RESET 5 REFUSED
          stop;                  << SEQ 10 ack 0 | STOP 6 CANCELLED
          streams;               << SEQ 11 ack 0 | STREAMS 1001
          goaway-undecided;      << SEQ 12 ack 0 | GOAWAY last undecided GOING_AWAY
          goaway;                << SEQ 13 ack 0 | GOAWAY last 9 GOING_AWAY
          """)
  void everyFrameHasItsLine(String vector, String line) throws ProtocolException {
    assertEquals(line, FrameLog.line(false, golden(vector)));
  }

  @Test
  void theDirectionComesFirst() throws ProtocolException {
    assertEquals(">> CTRL ack 300 | ACK", FrameLog.line(true, golden("ack")));
  }

  @Test
  void framesThatAreSkippedAreNamedByTheirNumber() {
    Packet packet = new Packet(PacketKind.CTRL, 0, 0, List.of(new Frame.Ignored(0x5a, 0)));

    assertEquals("<< CTRL ack 0 | ignored type 90", FrameLog.line(false, packet));
  }

  @ParameterizedTest
  @MethodSource("io.culvert.frame.Vector#golden")
  void noPayloadValueOrSecretIsShown(Vector vector) throws ProtocolException {
    String line = FrameLog.line(true, FrameReader.read(vector.buffer()));

    for (String secret : List.of("demo", "http", "k\u00e4se", "hello", "world", "GET", "hi")) {
      assertFalse(line.contains(secret), line);
    }
    HexFormat hex = HexFormat.of();
    byte[] bytes = vector.bytes();
    for (int i = Wire.PACKET_HEADER + Wire.FRAME_HEADER; i + 4 <= bytes.length; i++) {
      String piece = hex.formatHex(bytes, i, i + 4);
      assertFalse(line.contains(piece), line);
    }
    assertFalse(line.contains("[B@") || line.contains(Arrays.toString(bytes)), line);
  }

  /** Else a peer could forge lines of the log. */
  @Test
  void whatThePeerWritesCannotBreakTheLine() {
    String forged = "x\r\n<< SEQ 1\u2028\u0000\u001b[31m\u0085";
    Packet packet =
        new Packet(
            PacketKind.CTRL,
            0,
            0,
            List.of(
                new Frame.Reject(ErrorCode.FORBIDDEN, forged),
                new Frame.Close(ErrorCode.NO_ERROR, forged),
                new Frame.Open(1, Map.of(forged, "")),
                new Frame.Hello(1, 1, 1, new byte[0], Map.of(forged, ""))));

    String shown = "x??<< SEQ 1???[31m?";
    assertEquals(
        "<< CTRL ack 0 | REJECT FORBIDDEN "
            + shown
            + " | CLOSE NO_ERROR "
            + shown
            + " | OPEN 1 ["
            + shown
            + "] | HELLO v1 ["
            + shown
            + "]",
        FrameLog.line(false, packet));
  }

  private static Packet golden(String name) throws ProtocolException {
    for (Vector vector : Vector.golden()) {
      if (vector.name().equals(name)) {
        return FrameReader.read(vector.buffer());
      }
    }
    throw new IllegalArgumentException(name);
  }
}
