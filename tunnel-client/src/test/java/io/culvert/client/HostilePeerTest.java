package io.culvert.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.SocketConnection;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameType;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Wire;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.Await;
import io.culvert.testkit.RawUpgrade;
import io.culvert.testkit.RecordingListener;
import io.culvert.testkit.ScriptedPeer;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.UpgradeException;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.io.IOException;
import java.net.Proxy;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Peers that break the rules, on real sockets, against one server. After each the server holds
 * nothing of them and still serves the well-behaved client that was connected all the time.
 */
@Timeout(120)
class HostilePeerTest {
  private static final int WINDOW = 4096;
  private static final int STREAMS = 100;
  private static final int METADATA_LIMIT = 1000;

  private static TunnelServer server;
  private static SocketConnection bystander;

  @BeforeAll
  static void start() throws Exception {
    server =
        Setup.server()
            .resumeTimeout(Duration.ZERO)
            .handshakeTimeout(Duration.ofMillis(500))
            .upgradeTimeout(Duration.ofMillis(500))
            .metadataLimit(METADATA_LIMIT)
            .maxStreams(STREAMS)
            .windows(WINDOW, WINDOW, 0)
            .build();
    TestServlet servlet = TestServlet.saying("served");
    server.onConnection(
        connection -> {
          // A hostile peer's streams are refused, so that no HTTP hides what becomes of them.
          if (connection.metadata().containsKey("app")) {
            connection.serve(servlet);
          } else {
            connection.stopServing();
          }
        });
    server.start();
    bystander = Setup.client(server).metadata("app", "test").build().connect();
    assertEquals("served", Setup.get(bystander));
  }

  @AfterAll
  static void stop() {
    bystander.close();
    server.close();
    Await.noThreads("culvert-");
  }

  @AfterEach
  void othersAreServedAndNothingIsLeft() throws Exception {
    assertEquals("served", Setup.get(bystander));
    Await.until("only the bystander is left", () -> server.connections().size() == 1);
    assertEquals(bystander.id(), server.connections().iterator().next().id());
  }

  private static HostilePeer dial() throws IOException {
    return new HostilePeer(server.address());
  }

  private static HostilePeer established() throws IOException {
    HostilePeer peer = dial();
    peer.script().dial(WINDOW, STREAMS);
    return peer;
  }

  private static Frame.Open open(int id) {
    return new Frame.Open(id, Map.of());
  }

  // The upgrade.

  @ParameterizedTest
  @ValueSource(strings = {"", "culvert.v2", "chat, superchat"})
  void anotherSubprotocolIsRefused(String offered) {
    DialRequest request =
        new DialRequest(
            server.uri(),
            Map.of(),
            offered.isEmpty() ? null : offered,
            RecordingListener.HANG_GUARD,
            null,
            Proxy.NO_PROXY,
            null,
            Wire.MAX_PACKET);
    UpgradeException refused =
        assertThrows(
            UpgradeException.class,
            () -> new JavaWebSocketDialer().dial(request, new RecordingListener()));
    assertEquals(400, refused.status());
  }

  private static Socket connected() throws IOException {
    Socket socket = new Socket(server.address().getAddress(), server.address().getPort());
    socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
    return socket;
  }

  private static Socket upgraded() throws IOException {
    Socket socket = connected();
    RawUpgrade.request(socket, "Sec-WebSocket-Protocol: " + Wire.SUBPROTOCOL);
    return socket;
  }

  /** Sends some bytes and reads what comes until the server ends the socket. */
  private static String answer(String request) throws IOException {
    try (Socket socket = connected()) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static void assertStatus(int status, String answer) {
    assertTrue(answer.startsWith("HTTP/1.1 " + status + " "), () -> "but got " + answer);
  }

  @Test
  void whatIsNotHttpIsRefused() throws Exception {
    assertStatus(400, answer("\u0016\u0003\u0001\u0002\u0000"));
    assertStatus(400, answer("EHLO mail.example.com\r\n"));
  }

  @Test
  void anHttpRequestThatIsNoUpgradeIsToldSo() throws Exception {
    assertStatus(426, answer("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    String anotherVersion =
        """
        GET / HTTP/1.1\r
        Host: x\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r
        Sec-WebSocket-Version: 8\r
        \r
        """;
    assertStatus(426, answer(anotherVersion));
  }

  @Test
  void headersWithoutEndAreRefused() throws Exception {
    assertStatus(400, answer("GET / HTTP/1.1\r\nX: " + "x".repeat(100_000)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n"})
  void anUpgradeThatIsNeverCompletedIsDropped(String beginning) throws Exception {
    assertEquals("", answer(beginning));
  }

  // The handshake.

  @Test
  void silenceEndsWithTheHandshakeTimeout() throws Exception {
    try (HostilePeer peer = dial()) {
      peer.expectReject(ErrorCode.HANDSHAKE_TIMEOUT, 1008);
    }
  }

  @Test
  void aDialerThatNeverConfirmsIsNoConnection() throws Exception {
    try (HostilePeer peer = dial()) {
      peer.script().hello(WINDOW, STREAMS, Map.of());
      peer.script().expect(Frame.Welcome.class);
      assertEquals(1, server.connections().size());
      peer.expectReject(ErrorCode.HANDSHAKE_TIMEOUT, 1008);
    }
  }

  @Test
  void aWrongFirstFrameIsRejected() throws Exception {
    try (HostilePeer peer = dial()) {
      peer.script().ctrl(new Frame.Ping(1, new byte[0]));
      peer.expectReject(ErrorCode.PROTOCOL_ERROR, 1002);
    }
    try (HostilePeer peer = dial()) {
      peer.script().seq(open(1));
      peer.expectReject(ErrorCode.PROTOCOL_ERROR, 1002);
    }
  }

  @Test
  void aWrongProofIsRejected() throws Exception {
    try (HostilePeer peer = dial()) {
      peer.script().hello(WINDOW, STREAMS, Map.of());
      peer.script().expect(Frame.Welcome.class);
      peer.script().ctrl(new Frame.Confirm(new byte[Wire.SECRET_BYTES]));
      peer.expectReject(ErrorCode.PROTOCOL_ERROR, 1002);
    }
  }

  @Test
  void aResumeOfNothingIsRejected() throws Exception {
    byte[] bytes = new byte[Wire.SECRET_BYTES];
    try (HostilePeer peer = dial()) {
      peer.script().ctrl(new Frame.Resume(new byte[Wire.ID_BYTES], 1, 0, bytes, bytes));
      peer.expectReject(ErrorCode.UNKNOWN_CONNECTION, 1008);
    }
  }

  @Test
  void metadataOverTheLimitAreRejected() throws Exception {
    try (HostilePeer peer = dial()) {
      peer.script().hello(WINDOW, STREAMS, Map.of("name", "x".repeat(METADATA_LIMIT)));
      Frame.Reject reject = peer.expectReject(ErrorCode.METADATA_TOO_LARGE, 1008);
      assertTrue(reject.reason().contains("the acceptor takes " + METADATA_LIMIT));
    }
  }

  @Test
  void anUnknownVersionIsRejected() throws Exception {
    try (HostilePeer peer = dial()) {
      peer.script().ctrl(new Frame.Hello(2, WINDOW, STREAMS, new byte[5], Map.of()));
      peer.expectReject(ErrorCode.UNSUPPORTED_VERSION, 1008);
    }
  }

  // Messages.

  /** The close code that the server answers these bytes with, after a good upgrade. */
  private static int closeCodeAfter(byte[] bytes) throws IOException {
    try (Socket socket = upgraded()) {
      socket.getOutputStream().write(bytes);
      byte[] all = socket.getInputStream().readAllBytes();
      String text = new String(all, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n") + 4;
      ByteBuffer close = ByteBuffer.wrap(all, end, all.length - end);
      assertEquals((byte) 0x88, close.get(), "a close frame");
      close.get();
      return close.getShort();
    }
  }

  @Test
  void anOversizedMessageEndsTheWebSocketWith1009() throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().raw(new byte[Wire.MAX_PACKET + 1]);
      peer.expectWebSocketClose(1009);
    }
  }

  @Test
  void anAnnouncedSizeIsNotBelieved() throws Exception {
    ByteBuffer header = ByteBuffer.allocate(14).put((byte) 0x82).put((byte) 0xff);
    header.putLong(Long.MAX_VALUE).putInt(0);
    assertEquals(1009, closeCodeAfter(header.array()));
  }

  @Test
  void aReservedOpcodeEndsTheWebSocketWith1002() throws Exception {
    assertEquals(1002, closeCodeAfter(new byte[] {(byte) 0x83, (byte) 0x80, 0, 0, 0, 0}));
  }

  @Test
  void aTextMessageIsAProtocolError() throws Exception {
    byte[] text = {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'};
    try (Socket socket = upgraded()) {
      socket.getOutputStream().write(text);
      // The first is the REJECT, the second the close frame.
      String reason = "expected binary messages but got a text message";
      StringBuilder answer = new StringBuilder();
      while (!answer.toString().matches("(?s).*" + reason + ".*\u0088.*" + reason)) {
        int next = socket.getInputStream().read();
        assertTrue(next >= 0, () -> "the socket ended after " + answer);
        answer.append((char) next);
      }
      int close = answer.lastIndexOf("\u0088");
      assertEquals(1002, answer.charAt(close + 2) << 8 | answer.charAt(close + 3));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, Wire.PACKET_HEADER, Wire.PACKET_HEADER + Wire.FRAME_HEADER - 1})
  void aPacketThatIsTooShortIsAProtocolError(int length) throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().raw(new byte[length]);
      peer.expectClose(ErrorCode.PROTOCOL_ERROR, 1002);
    }
  }

  // Frames.

  @Test
  void framesWithoutPayloadThatNeedOneAreProtocolErrors() throws Exception {
    for (FrameType type : FrameType.values()) {
      if (type.kind() == PacketKind.SEQ && type != FrameType.DATA && type != FrameType.OPEN) {
        try (HostilePeer peer = established()) {
          int stream = type == FrameType.STREAMS || type == FrameType.GOAWAY ? 0 : 1;
          peer.script().seq(open(1));
          peer.script().rawSeq(ScriptedPeer.rawFrame(type.number(), 0, stream, new byte[0]));
          peer.expectClose(ErrorCode.PROTOCOL_ERROR, 1002);
        }
      }
    }
  }

  @Test
  void dataFramesWithoutBytesCostNothing() throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().seq(open(1));
      for (int i = 0; i < 10_000; i++) {
        peer.script().seq(ScriptedPeer.data(1, 0, false));
      }
      assertAlive(peer);
    }
  }

  @Test
  void anUnknownFrameIsAProtocolErrorUnlessItMayBeIgnored() throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().rawSeq(ScriptedPeer.rawFrame(0x7e, Wire.FLAG_IGNORABLE, 5, new byte[100]));
      assertAlive(peer);
      peer.script().rawSeq(ScriptedPeer.rawFrame(0x7e, 0, 5, new byte[100]));
      peer.expectClose(ErrorCode.PROTOCOL_ERROR, 1002);
    }
  }

  @Test
  void framesOfFinishedStreamsAreIgnored() throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().seq(open(1), new Frame.Reset(1, ErrorCode.CANCELLED));
      peer.script()
          .seq(
              ScriptedPeer.data(1, 10, true),
              new Frame.Credit(1, 10),
              new Frame.Stop(1, ErrorCode.CANCELLED),
              new Frame.Reset(1, ErrorCode.CANCELLED));
      assertAlive(peer);
    }
  }

  @Test
  void framesOfStreamsThatWereNeverOpenedAreProtocolErrors() throws Exception {
    for (int id : new int[] {1, 2}) {
      try (HostilePeer peer = established()) {
        peer.script().seq(ScriptedPeer.data(id, 10, false));
        peer.expectClose(ErrorCode.PROTOCOL_ERROR, 1002);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 2, Integer.MAX_VALUE})
  void aStreamIdOutOfOrderIsAProtocolError(int id) throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().seq(open(id));
      peer.expectClose(ErrorCode.PROTOCOL_ERROR, 1002);
    }
  }

  @Test
  void aStreamThatIsOpenedTwiceIsAProtocolError() throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().seq(open(1), open(1));
      peer.expectClose(ErrorCode.PROTOCOL_ERROR, 1002);
    }
  }

  @Test
  void bytesBeyondTheCreditAreAFlowControlError() throws Exception {
    try (HostilePeer peer = established()) {
      SocketConnection seen = seenByServer();
      seen.streams().streamHandler(stream -> {});
      peer.script().seq(open(1), ScriptedPeer.data(1, WINDOW, false));
      assertAlive(peer);
      peer.script().seq(ScriptedPeer.data(1, 1, false));
      peer.expectClose(ErrorCode.FLOW_CONTROL_ERROR, 1002);
    }
  }

  @Test
  void anAckOfWhatWasNeverSentIsAProtocolError() throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().packet(PacketKind.CTRL, 1_000_000, 0, new Frame.Ack());
      peer.expectClose(ErrorCode.PROTOCOL_ERROR, 1002);
    }
  }

  @Test
  void aGapInTheNumbersIsAProtocolError() throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().packet(PacketKind.SEQ, 0, 2, open(1));
      peer.expectClose(ErrorCode.PROTOCOL_ERROR, 1002);
    }
  }

  @Test
  void aHandshakeInTheMiddleIsAProtocolError() throws Exception {
    try (HostilePeer peer = established()) {
      peer.script().hello(WINDOW, STREAMS, Map.of());
      peer.expectClose(ErrorCode.PROTOCOL_ERROR, 1002);
    }
  }

  // Floods.

  @Test
  void aHundredThousandPingsAreAnsweredWithoutPilingUp() throws Exception {
    long before = Heap.used();
    try (HostilePeer peer = established()) {
      byte[] data = new byte[Wire.MAX_PING_DATA];
      for (int token = 1; token <= 100_000; token++) {
        peer.script().ctrl(new Frame.Ping(token, data));
      }
      Frame.Pong pong = peer.script().await(Frame.Pong.class);
      while (pong.token() != 100_000) {
        pong = peer.script().await(Frame.Pong.class);
      }
      assertBounded(before);
    }
  }

  @Test
  void aMillionStreamsOpenedAndResetWithinTheCreditLeaveNothing() throws Exception {
    long before = Heap.used();
    try (HostilePeer peer = established()) {
      int opened = 0;
      int allowed = STREAMS;
      while (opened < 1_000_000) {
        while (opened < allowed) {
          Frame[] packet = new Frame[2 * Math.min(50, allowed - opened)];
          for (int i = 0; i < packet.length; i += 2) {
            int id = 2 * opened++ + 1;
            packet[i] = open(id);
            packet[i + 1] = new Frame.Reset(id, ErrorCode.CANCELLED);
          }
          peer.script().seq(packet);
        }
        allowed = peer.script().await(Frame.Streams.class).total();
      }
      SocketConnection seen = seenByServer();
      Await.until("every stream has ended", () -> seen.activeStreams() == 0);
      assertBounded(before);
    }
  }

  @Test
  void streamsBeyondTheCreditEndTheConnection() throws Exception {
    try (HostilePeer peer = established()) {
      // Nobody takes the streams, so none is given back: resetting them earns no new ones.
      seenByServer().streams().streamHandler(stream -> {});
      for (int i = 0; i <= STREAMS; i++) {
        int id = 2 * i + 1;
        peer.script().seq(open(id), new Frame.Reset(id, ErrorCode.CANCELLED));
      }
      peer.expectClose(ErrorCode.LIMIT_EXCEEDED, 1009);
    }
  }

  @Test
  void manyHandshakesThatAreGivenUpLeaveNothing() throws Exception {
    long before = Heap.used();
    for (int i = 0; i < 200; i++) {
      try (HostilePeer peer = dial()) {
        peer.script().hello(WINDOW, STREAMS, Map.of());
        peer.script().expect(Frame.Welcome.class);
      }
    }
    assertBounded(before);
  }

  private static SocketConnection seenByServer() {
    Await.until("the peer is established", () -> server.connections().size() == 2);
    return server.connections().stream()
        .filter(connection -> !connection.id().equals(bystander.id()))
        .findFirst()
        .orElseThrow();
  }

  /** A round trip: whatever was sent before has been processed and was no offence. */
  private static void assertAlive(HostilePeer peer) {
    peer.script().ctrl(new Frame.Ping(4711, new byte[0]));
    assertEquals(4711, peer.script().await(Frame.Pong.class).token());
    assertFalse(peer.closed());
  }

  /** What a flood leaves behind is nothing; other tests' garbage may move the number a little. */
  private static void assertBounded(long before) {
    Await.until("the heap is as it was", () -> Heap.used() - before < 16 << 20);
  }
}
