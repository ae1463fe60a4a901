package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.errorprone.annotations.Immutable;
import io.culvert.testkit.RawPeer.Frame;
import io.culvert.testkit.RecordingListener.Event;
import io.culvert.websocket.Feature;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The part of {@link WebSocketNetworkContract} about peers that make their frames by hand, at
 * either end (R1, R2, R3, W2).
 */
public abstract class WebSocketFrameContract extends WebSocketPeerContract {
  private static final int TEXT = 0x81;
  private static final int BINARY = 0x82;
  private static final int CLOSE = 0x88;
  private static final int PING = 0x89;
  private static final int PONG = 0x8a;
  private static final int FINAL = 0x80;
  private static final int PROTOCOL_ERROR = 1002;

  /** The socket ended without a close frame, as a library may do that fails a WebSocket. */
  private static final int NONE = 1006;

  /** The peer of this end, to be played by hand; the end has opened. */
  protected RawPeer rawPeerOf(End end) throws IOException {
    return raw(end, start(upgrade -> accept())).peer();
  }

  /** An end under test, and its peer. */
  private record Raw(WebSocket end, RawPeer peer) {}

  private Raw raw(End end, WebSocketAcceptor acceptor) throws IOException {
    RawPeer peer =
        closeLater(
            end == End.DIALER
                ? RawPeer.dialedBy(dialer(), SUBPROTOCOL, MAX_MESSAGE_BYTES, dialed)
                : RawPeer.dialing(acceptor.address(), SUBPROTOCOL));
    return new Raw(heardBy(end).opened(), peer);
  }

  @Immutable
  private interface Script {
    void play(RawPeer peer) throws IOException;
  }

  /** What a peer may do wrong (RFC 6455 sections 5 and 7). */
  private enum Violation {
    WRONG_MASKING(peer -> peer.sendWronglyMasked(BINARY, new byte[10])),
    WRONG_MASKING_OF_NOTHING(peer -> peer.sendWronglyMasked(TEXT)),
    RESERVED_BIT_1(peer -> peer.send(BINARY | 0x40, new byte[10])),
    RESERVED_BIT_2(peer -> peer.send(BINARY | 0x20, new byte[10])),
    RESERVED_BIT_3(peer -> peer.send(BINARY | 0x10, new byte[10])),
    RESERVED_DATA_OPCODE(peer -> peer.send(0x83, new byte[10])),
    LAST_RESERVED_DATA_OPCODE(peer -> peer.send(0x87)),
    RESERVED_CONTROL_OPCODE(peer -> peer.send(0x8b, new byte[10])),
    LAST_RESERVED_CONTROL_OPCODE(peer -> peer.send(0x8f)),
    FRAGMENTED_PING(peer -> peer.send(PING & ~FINAL, new byte[10])),
    FRAGMENTED_CLOSE(peer -> peer.send(CLOSE & ~FINAL, RawPeer.closePayload(1000))),
    PING_OF_126_BYTES(peer -> peer.send(PING, new byte[126])),
    CONTINUATION_OF_NOTHING(peer -> peer.send(FINAL, new byte[10])),
    UNFINISHED_CONTINUATION_OF_NOTHING(peer -> peer.send(0, new byte[10])),
    BINARY_INSIDE_A_MESSAGE(
        peer -> {
          peer.send(BINARY & ~FINAL, new byte[10]);
          peer.send(BINARY, new byte[10]);
        }),
    TEXT_INSIDE_A_MESSAGE(
        peer -> {
          peer.send(TEXT & ~FINAL, new byte[10]);
          peer.send(TEXT & ~FINAL, new byte[10]);
        }),
    CLOSE_OF_ONE_BYTE(peer -> peer.send(CLOSE, (byte) 3)),
    CLOSE_OF_126_BYTES(peer -> peer.send(CLOSE, RawPeer.closePayload(1000, new byte[124]))),
    CLOSE_CODE_0(peer -> peer.send(CLOSE, RawPeer.closePayload(0))),
    CLOSE_CODE_999(peer -> peer.send(CLOSE, RawPeer.closePayload(999))),
    CLOSE_CODE_1005(peer -> peer.send(CLOSE, RawPeer.closePayload(1005))),
    CLOSE_CODE_1006(peer -> peer.send(CLOSE, RawPeer.closePayload(1006))),
    CLOSE_CODE_1015(peer -> peer.send(CLOSE, RawPeer.closePayload(1015))),
    CLOSE_CODE_65535(peer -> peer.send(CLOSE, RawPeer.closePayload(65_535)));

    private final Script script;

    Violation(Script script) {
      this.script = script;
    }
  }

  @ParameterizedTest
  @EnumSource(Violation.class)
  void aViolationOfTheProtocolIs1002AndHarmsNobodyElse(Violation violation) throws IOException {
    for (End end : End.values()) {
      // The JDK answers any code with the same one.
      boolean mirrored = violation == Violation.CLOSE_CODE_65535 && lacks(end, Feature.CLOSE_CODES);
      assertEndsWith(
          end,
          violation.script,
          mirrored ? Set.of(PROTOCOL_ERROR, NONE, 65_535) : Set.of(PROTOCOL_ERROR, NONE));
    }
  }

  /** Ends once, and tells the peer the same or nothing; then the acceptor serves others. */
  private void assertEndsWith(End end, Script script, Set<Integer> codes) throws IOException {
    WebSocketAcceptor acceptor = start(upgrade -> accept());
    RawPeer peer = raw(end, acceptor).peer();
    peer.send(BINARY, (byte) 1);
    script.play(peer);
    assertEquals(1, heardBy(end).next(Event.Binary.class).message().get(0));
    Event.Close heard = heardBy(end).next(Event.Close.class);
    assertTrue(codes.contains(heard.code()), () -> end + " heard " + heard);
    int told = peer.awaitEnd();
    assertTrue(told == NONE || codes.contains(told), () -> end + " told " + told);
    heardBy(end).reset();
    Ends others = connect(acceptor);
    others.dialer().send(bytes(10, 1), failure -> {});
    assertEquals(new Event.Binary(bytes(10, 1)), accepted.next());
    others.dialer().abort();
    accepted.awaitClose();
    dialed.awaitClose();
    accepted.reset();
    dialed.reset();
  }

  /** A lenient library may take it for the code it stands with. */
  @ParameterizedTest
  @EnumSource(End.class)
  void aCloseReasonThatIsNotUtf8EndsTheWebSocket(End end) throws IOException {
    assertEndsWith(
        end,
        peer -> peer.send(CLOSE, RawPeer.closePayload(1000, (byte) 0xff)),
        Set.of(PROTOCOL_ERROR, 1007, NONE, 1000));
  }

  /**
   * Eight bytes of length: with the highest bit set, which is no length, or beyond what any library
   * takes. A message that only passes the adapter's limit may be refused when its bytes come.
   */
  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 40, 1L << 31})
  void aLengthThatNobodyTakesEndsTheWebSocketBeforeItsBytesCome(long length) throws IOException {
    for (End end : End.values()) {
      assertEndsWith(
          end,
          peer ->
              peer.write(
                  ByteBuffer.allocate(10 + 4)
                      .put((byte) BINARY)
                      .put((byte) (peer.maskBit() | 127))
                      .putLong(length)
                      .array()),
          Set.of(PROTOCOL_ERROR, 1009, NONE));
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void framesAfterACloseAreIgnored(End end) throws IOException {
    RawPeer peer = rawPeerOf(end);
    byte[] close = peer.frame(CLOSE, RawPeer.closePayload(4000, (byte) 'x'));
    byte[] late = peer.frame(BINARY, new byte[10]);
    peer.write(ByteBuffer.allocate(close.length + late.length).put(close).put(late).array());
    assertEquals(new Event.Close(4000, "x"), heardBy(end).next());
    assertEquals(4000, peer.awaitEnd());
    heardBy(end).assertNothingMore();
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aCloseFrameWithoutACodeIs1005(End end) throws IOException {
    assertCloseFrameWithoutACodeIs(1005, end);
  }

  final void assertCloseFrameWithoutACodeIs(int code, End end) throws IOException {
    RawPeer peer = rawPeerOf(end);
    peer.send(BINARY);
    peer.send(CLOSE);
    heardBy(end).next(Event.Binary.class);
    assertEquals(code, heardBy(end).next(Event.Close.class).code());
    int answer = peer.awaitEnd();
    assertTrue(answer == 1005 || answer == 1000, "code " + answer);
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void theEndOfTheStreamIs1006AfterTheMessagesBeforeIt(End end) throws IOException {
    RawPeer peer = rawPeerOf(end);
    for (int i = 0; i < 20; i++) {
      peer.send(BINARY, bytes(10_000, i).array());
    }
    peer.shutdownOutput();
    for (int i = 0; i < 20; i++) {
      assertEquals(new Event.Binary(bytes(10_000, i)), heardBy(end).next());
    }
    assertEquals(1006, heardBy(end).next(Event.Close.class).code());
  }

  /** Between the fragments pings, which are answered, and a pong nobody asked for. */
  @ParameterizedTest
  @EnumSource(End.class)
  void fragmentsBecomeOneMessageWhateverComesBetween(End end) throws IOException {
    RawPeer peer = rawPeerOf(end);
    byte[] euro = "\u20ac!".getBytes(StandardCharsets.UTF_8);
    for (int opcode : new int[] {TEXT, BINARY}) {
      peer.send(opcode & ~FINAL, euro[0]);
      peer.send(PING, (byte) opcode);
      peer.send(0);
      peer.send(0, euro[1]);
      peer.send(PONG, (byte) 7);
      peer.send(0, euro[2], euro[3]);
      peer.send(FINAL);
      Event event = heardBy(end).next();
      if (event instanceof Event.Pong) {
        event = heardBy(end).next();
      }
      ByteBuffer whole = ByteBuffer.wrap(euro);
      assertEquals(opcode == TEXT ? new Event.Text(whole) : new Event.Binary(whole), event);
      Frame pong = peer.next();
      assertEquals(PONG, pong.first());
      assertEquals(ByteBuffer.wrap(new byte[] {(byte) opcode}), pong.payload());
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void aThousandFragmentsBecomeOneMessage(End end) throws IOException {
    RawPeer peer = rawPeerOf(end);
    ByteBuffer whole = bytes(1_000, 1);
    for (int i = 0; i < 1_000; i++) {
      peer.send((i == 0 ? 2 : 0) | (i == 999 ? FINAL : 0), whole.get(i));
    }
    assertEquals(new Event.Binary(whole), heardBy(end).next());
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void fragmentsTogetherMustKeepTheLimit(End end) throws IOException {
    assertEndsWith(
        end,
        peer -> {
          byte[] part = new byte[MAX_MESSAGE_BYTES / 8];
          for (int i = 0; i < 9; i++) {
            peer.send(i == 0 ? 2 : 0, part);
          }
        },
        lacks(end, Feature.CLOSE_CODES) ? Set.of(1009, 1008) : Set.of(1009));
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void framesArriveAByteAtATime(End end) throws IOException {
    RawPeer peer = rawPeerOf(end);
    for (byte[] frame :
        new byte[][] {
          peer.frame(BINARY, bytes(300, 1).array()),
          peer.frame(TEXT, text(20).array()),
          peer.frame(PING, new byte[] {1}),
          peer.frame(CLOSE, RawPeer.closePayload(4000, (byte) 'x'))
        }) {
      for (byte b : frame) {
        peer.write(b);
      }
    }
    assertEquals(new Event.Binary(bytes(300, 1)), heardBy(end).next());
    assertEquals(new Event.Text(text(20)), heardBy(end).next());
    assertEquals(new Event.Close(4000, "x"), heardBy(end).next());
    assertEquals(PONG, peer.next().first());
    assertEquals(4000, peer.awaitEnd());
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void textThatIsNotUtf8IsTakenAsItCame(End end) throws IOException {
    for (String hex : new String[] {"ff", "e282", "eda080", "c080"}) {
      byte[] bytes = HexFormat.of().parseHex(hex);
      RawPeer peer = rawPeerOf(end);
      peer.send(TEXT & ~FINAL, (byte) 'a');
      peer.send(FINAL, bytes);
      Event event = heardBy(end).next();
      if (lacks(end, Feature.ANY_TEXT)) {
        assertRefusedOrReplaced(event);
      } else {
        assertEquals(
            new Event.Text(ByteBuffer.allocate(1 + bytes.length).put((byte) 'a').put(bytes).flip()),
            event);
      }
      peer.close();
      if (!(event instanceof Event.Close)) {
        heardBy(end).awaitClose();
      }
      heardBy(end).reset();
    }
  }

  @ParameterizedTest
  @EnumSource(End.class)
  void pingsAreAnsweredAndPongsThatNobodyAskedForDoNoHarm(End end) throws IOException {
    RawPeer peer = rawPeerOf(end);
    for (int length : new int[] {0, 1, 125}) {
      peer.send(PING, bytes(length, length).array());
      peer.send(PONG, bytes(length, 1).array());
      assertEquals(new Frame(PONG, end == End.DIALER, bytes(length, length)), peer.next());
    }
    peer.send(BINARY, (byte) 1);
    Event event = heardBy(end).next();
    while (event instanceof Event.Pong) {
      event = heardBy(end).next();
    }
    assertEquals(new Event.Binary(ByteBuffer.wrap(new byte[] {1})), event);
  }

  /** RFC 6455 section 5.1; and what a WebSocket sends are whole messages of the right kind. */
  @ParameterizedTest
  @EnumSource(End.class)
  void theDialerMasksAndTheAcceptorDoesNot(End end) throws IOException {
    Raw raw = raw(end, start(upgrade -> accept()));
    RawPeer peer = raw.peer();
    for (int length : new int[] {0, 1, 125, 126, 65_535, 65_536, 100_000}) {
      raw.end().send(bytes(length, 1), failure -> {});
      ByteBuffer received = ByteBuffer.allocate(length);
      Frame frame;
      do {
        frame = peer.next();
        assertEquals(end == End.DIALER, frame.masked());
        received.put(frame.payload());
      } while ((frame.first() & FINAL) == 0);
      assertArrayEquals(bytes(length, 1).array(), received.array());
    }
  }
}
