package io.culvert.frame;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files were computed independently of this code; both directions must agree with them. */
class GoldenVectorsTest {
  private static final byte[] ID = count(0xa0, Wire.ID_BYTES);
  private static final byte[] SECRET = count(0x10, Wire.SECRET_BYTES);
  private static final byte[] DIALER_NONCE = count(0x40, Wire.SECRET_BYTES);
  private static final byte[] ACCEPTOR_NONCE = count(0x70, Wire.SECRET_BYTES);
  private static final Map<String, Packet> GOLDEN = new HashMap<>();
  private static final Map<String, Packet> LENIENT = new HashMap<>();

  static {
    ctrl("hello", 0, hello(Map.of("app", "demo")));
    ctrl("hello-without-metadata", 0, hello(Map.of()));
    ctrl("welcome", 0, new Frame.Welcome(1, 262_144, 1000, 0, ID, SECRET, ACCEPTOR_NONCE));
    ctrl(
        "confirm",
        0,
        new Frame.Confirm(
            Vector.parse(
                "79 da 62 25 8f fe 58 bd 29 11 23 4c 2b 99 0e fc"
                    + " c4 c3 64 47 53 69 5e 91 2c 47 35 a2 0b 02 72 dd")));
    ctrl(
        "resume",
        0,
        new Frame.Resume(
            ID,
            2,
            1000,
            DIALER_NONCE,
            Vector.parse(
                "2c 21 0e 76 3e 5b 75 9d a2 ce e9 48 3d d0 dc 86"
                    + " f1 f3 3f 12 54 fb 76 5f b3 6d 21 29 32 b9 ed 6e")));
    ctrl(
        "resumed",
        0,
        new Frame.Resumed(
            2,
            2000,
            ACCEPTOR_NONCE,
            Vector.parse(
                "09 6d ed 60 70 d7 a4 48 07 bd 9a c8 39 8a 2e 1e"
                    + " b6 f6 22 a5 ef 25 d7 2d f5 1f 1e 55 ce 9d ea 20")));
    ctrl(
        "reject", 0, new Frame.Reject(ErrorCode.UNKNOWN_CONNECTION, "there is no such connection"));
    ctrl("ack", 300, new Frame.Ack());
    ctrl("ping", 3, new Frame.Ping(7, ascii("hi")));
    ctrl("ping-without-data", 0, new Frame.Ping(1, new byte[0]));
    ctrl("pong", 4, new Frame.Pong(7, ascii("hi")));
    ctrl(
        "ping-and-pong",
        9,
        new Frame.Pong(41, new byte[0]),
        new Frame.Ping(42, new byte[] {0, -1}));
    ctrl("close", 12, new Frame.Close(ErrorCode.NO_ERROR, "bye"));
    ctrl("close-without-reason", 0, new Frame.Close(ErrorCode.GOING_AWAY, ""));
    seq("open", 1, 0, new Frame.Open(1, Map.of()));
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("kind", "http");
    attributes.put("name", "k\u00e4se \ud83e\uddc0");
    seq("open-with-attributes", 2, 7, new Frame.Open(4, attributes));
    seq("data", 3, 1, Packets.data(1, false, ascii("hello")));
    seq("data-with-fin", 4, 0, Packets.data(1, true, ascii("world")));
    seq("data-fin-only", 5, 0, Packets.data(2, true, new byte[0]));
    seq("data-empty", 6, 0, Packets.data(1, false, new byte[0]));
    seq("credit", 7, 0, new Frame.Credit(3, 5_000_000_000L));
    seq("credit-largest", 8, 0, new Frame.Credit(Integer.MAX_VALUE, Long.MAX_VALUE));
    seq("reset", 9, 0, new Frame.Reset(5, ErrorCode.REFUSED));
    seq("stop", 10, 0, new Frame.Stop(6, ErrorCode.CANCELLED));
    seq("streams", 11, 0, new Frame.Streams(1001));
    seq(
        "goaway-undecided",
        12,
        0,
        new Frame.GoAway(Wire.UNDECIDED, ErrorCode.GOING_AWAY, "restart"));
    seq("goaway", 13, 0, new Frame.GoAway(9, ErrorCode.GOING_AWAY, "restart"));
    seq(
        "request-in-one-packet",
        Long.MAX_VALUE,
        Long.MAX_VALUE,
        new Frame.Open(3, Map.of()),
        Packets.data(3, false, ascii("GET / HTTP/1.1\r\n\r\n")),
        Packets.data(3, true, new byte[0]),
        new Frame.Credit(2, 300_000));

    lenient(
        "hello-of-another-version",
        PacketKind.CTRL,
        new Frame.Hello(2, 0, 0, new byte[0], Map.of()));
    lenient(
        "unknown-ignorable-control",
        PacketKind.CTRL,
        new Frame.Ignored(0x5a, 0),
        new Frame.Ping(1, new byte[0]));
    lenient("unknown-ignorable-sequenced", PacketKind.SEQ, new Frame.Ignored(0x17, -1));
    lenient("unknown-ignorable-with-other-flags", PacketKind.CTRL, new Frame.Ignored(0x2a, 0));
    lenient("known-with-ignorable", PacketKind.SEQ, Packets.data(1, true, ascii("x")));
    lenient("unknown-error-code", PacketKind.SEQ, new Frame.Reset(1, ErrorCode.UNKNOWN));
    lenient("largest-error-code", PacketKind.SEQ, new Frame.Stop(1, ErrorCode.UNKNOWN));
    lenient("attributes-with-empty-value", PacketKind.SEQ, new Frame.Open(1, Map.of("a", "")));
    lenient("replacement-character", PacketKind.SEQ, new Frame.Open(1, Map.of("a", "x\ufffdy")));
    lenient("longest-ping-data", PacketKind.CTRL, new Frame.Ping(1, ascii("p".repeat(255))));
    lenient(
        "longest-reason", PacketKind.CTRL, new Frame.Close(ErrorCode.NO_ERROR, "r".repeat(1024)));
    lenient("longest-attributes", PacketKind.SEQ, new Frame.Open(1, Map.of("n", "v".repeat(4092))));
    lenient("largest-packet", PacketKind.SEQ, Packets.data(1, false, ascii("d".repeat(65_508))));
    lenient("unsigned-ping-token", PacketKind.CTRL, new Frame.Ping(-1, new byte[0]));
  }

  @ParameterizedTest
  @MethodSource("io.culvert.frame.Vector#golden")
  void framesAreWrittenAsInTheFile(Vector vector) {
    ByteBuffer written = Packets.encode(expected(GOLDEN, vector));

    byte[] bytes = new byte[written.remaining()];
    written.get(bytes);
    assertArrayEquals(vector.bytes(), bytes);
  }

  @ParameterizedTest
  @MethodSource("io.culvert.frame.Vector#golden")
  void framesAreReadAsInTheFile(Vector vector) throws ProtocolException {
    Packet read = FrameReader.read(vector.buffer());

    assertEquals(Packets.show(expected(GOLDEN, vector)), Packets.show(read));
  }

  @ParameterizedTest
  @MethodSource("io.culvert.frame.Vector#golden")
  void packetsMayLieAnywhereInTheirArray(Vector vector) throws ProtocolException {
    byte[] shifted = new byte[vector.bytes().length + 13];
    System.arraycopy(vector.bytes(), 0, shifted, 7, vector.bytes().length);
    ByteBuffer in = ByteBuffer.wrap(shifted, 3, shifted.length - 3).slice();
    in.position(4).limit(4 + vector.bytes().length);

    Packet read = FrameReader.read(in);

    assertEquals(Packets.show(expected(GOLDEN, vector)), Packets.show(read));
  }

  @ParameterizedTest
  @MethodSource("io.culvert.frame.Vector#lenient")
  void lenientPacketsAreReadAsDescribed(Vector vector) throws ProtocolException {
    Packet read = FrameReader.read(vector.buffer());

    assertEquals(Packets.show(expected(LENIENT, vector)), Packets.show(read));
  }

  @ParameterizedTest
  @MethodSource("io.culvert.frame.Vector#malformed")
  void malformedPacketsAreRefusedWithTheirCodeAndReason(Vector vector) {
    ProtocolException refusal =
        assertThrows(ProtocolException.class, () -> FrameReader.read(vector.buffer()));

    assertEquals(vector.outcome(), refusal.code() + ": " + refusal.getMessage());
  }

  @Test
  void everyFrameTypeHasAVector() throws ProtocolException {
    Set<FrameType> seen = EnumSet.noneOf(FrameType.class);
    for (Vector vector : Vector.golden()) {
      FrameReader.read(vector.buffer()).frames().forEach(frame -> seen.add(frame.type()));
    }

    assertEquals(EnumSet.allOf(FrameType.class), seen);
  }

  @Test
  void everyExpectationHasItsVector() {
    assertEquals(GOLDEN.keySet(), names(Vector.golden()));
    assertEquals(LENIENT.keySet(), names(Vector.lenient()));
    assertTrue(Vector.malformed().size() > 50, "malformed.txt was read");
  }

  /** Cut anywhere, a packet is refused or is a shorter, well-formed one; nothing else happens. */
  @ParameterizedTest
  @MethodSource("io.culvert.frame.Vector#golden")
  void packetsThatAreCutOffNeverFailOtherwise(Vector vector) {
    for (int length = 0; length < vector.bytes().length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(Arrays.copyOf(vector.bytes(), length));
      try {
        assertTrue(
            FrameReader.read(cut).frames().size() < GOLDEN.get(vector.name()).frames().size());
      } catch (ProtocolException e) {
        assertEquals(ErrorCode.PROTOCOL_ERROR, e.code());
      }
    }
  }

  private static Packet expected(Map<String, Packet> packets, Vector vector) {
    Packet packet = packets.get(vector.name());
    assertTrue(packet != null, "no expectation for " + vector);
    return packet;
  }

  private static Set<String> names(List<Vector> vectors) {
    return vectors.stream().map(Vector::name).collect(Collectors.toSet());
  }

  private static void ctrl(String name, long ack, Frame... frames) {
    GOLDEN.put(name, new Packet(PacketKind.CTRL, ack, 0, List.of(frames)));
  }

  private static void seq(String name, long seq, long ack, Frame... frames) {
    GOLDEN.put(name, new Packet(PacketKind.SEQ, ack, seq, List.of(frames)));
  }

  private static void lenient(String name, PacketKind kind, Frame... frames) {
    LENIENT.put(name, new Packet(kind, 0, kind == PacketKind.SEQ ? 1 : 0, List.of(frames)));
  }

  private static Frame hello(Map<String, String> metadata) {
    return new Frame.Hello(1, 262_144, 1000, DIALER_NONCE, metadata);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] count(int from, int length) {
    byte[] bytes = new byte[length];
    IntStream.range(0, length).forEach(i -> bytes[i] = (byte) (from + i));
    return bytes;
  }
}
