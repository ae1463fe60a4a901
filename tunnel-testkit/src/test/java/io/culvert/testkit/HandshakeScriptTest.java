package io.culvert.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.EngineConfig;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Wire;
import io.culvert.link.LinkState;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an engine makes of a peer that does not shake hands as it should. */
class HandshakeScriptTest {
  private final EngineHarness acceptor = EngineHarness.acceptor(EngineConfig.DEFAULT);
  private final EngineHarness dialer = new EngineHarness(true, EngineConfig.DEFAULT);

  private void assertRejected(ErrorCode code) {
    Frame.Reject reject = acceptor.peer.await(Frame.Reject.class);
    assertEquals(code, reject.code());
    assertEquals(code, acceptor.end.code());
    assertFalse(acceptor.end.abortSocket(), "the REJECT would not go out");
    assertFalse(acceptor.events.contains("established"));
  }

  @Test
  void handshakeGivesBothSidesTheConnectionId() {
    acceptor.peer.hello(1000, 3, Map.of("user", "ann"));
    Frame.Welcome welcome = acceptor.peer.expect(Frame.Welcome.class);
    assertFalse(acceptor.events.contains("established"), "established before CONFIRM");
    acceptor.peer.confirm(welcome);
    assertEquals(List.of("established"), acceptor.events);
    assertEquals(Map.of("user", "ann"), acceptor.engine.metadata());

    assertEquals(Map.of("app", "test"), dialer.peer.accept(1000, 3).metadata());
    assertEquals(List.of("established"), dialer.events);
    assertEquals("08".repeat(16), dialer.engine.connectionId());
  }

  @Test
  void firstFrameMustBeHello() {
    acceptor.peer.ctrl(new Frame.Ping(1, new byte[0]));
    assertRejected(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void seqBeforeTheHandshakeIsRejected() {
    acceptor.peer.seq(new Frame.Open(1, Map.of()));
    assertRejected(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void confirmBeforeHelloIsRejected() {
    acceptor.peer.ctrl(new Frame.Confirm(new byte[Wire.SECRET_BYTES]));
    assertRejected(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void secondHelloIsRejected() {
    acceptor.peer.hello(1000, 3, Map.of());
    acceptor.peer.hello(1000, 3, Map.of());
    assertRejected(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void helloAfterTheHandshakeIsAProtocolError() {
    acceptor.peer.dial(1000, 3);
    acceptor.peer.hello(1000, 3, Map.of());
    assertEquals(ErrorCode.PROTOCOL_ERROR, acceptor.peer.expect(Frame.Close.class).code());
  }

  @Test
  void welcomeToAnAcceptorIsRejected() {
    byte[] secret = new byte[Wire.SECRET_BYTES];
    acceptor.peer.ctrl(new Frame.Welcome(1, 1, 1, 0, new byte[Wire.ID_BYTES], secret, secret));
    assertRejected(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void helloToADialerIsAProtocolError() {
    dialer.peer.hello(1000, 3, Map.of());
    assertEquals(ErrorCode.PROTOCOL_ERROR, dialer.peer.await(Frame.Close.class).code());
    assertEquals(ErrorCode.PROTOCOL_ERROR, dialer.end.code());
  }

  @Test
  void silenceEndsTheHandshakeOfBothSides() {
    for (EngineHarness side : List.of(acceptor, dialer)) {
      side.advance(EngineConfig.DEFAULT.handshakeTimeout() - 2);
      assertNull(side.end);
      side.advance(2);
      assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, side.end.code());
    }
    acceptor.peer.expect(Frame.Reject.class);
    dialer.peer.await(Frame.Close.class);
  }

  @Test
  void silenceAfterHelloEndsTheHandshakeTooUnlessTheLinkOutlivesItsSocket() {
    EngineHarness mortal = EngineHarness.acceptor(EngineConfig.DEFAULT.withoutResume());
    for (EngineHarness side : List.of(acceptor, mortal)) {
      side.peer.hello(1000, 3, Map.of());
      side.advance(EngineConfig.DEFAULT.handshakeTimeout());
    }
    assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, mortal.peer.await(Frame.Reject.class).code());
    assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, mortal.end.code());
    assertEquals(LinkState.DETACHED, acceptor.engine.state());

    acceptor.advance(EngineConfig.DEFAULT.handshakeTimeout());
    assertEquals(ErrorCode.CONNECTION_LOST, acceptor.end.code());
    assertFalse(acceptor.events.contains("established"));
  }

  @Test
  void metadataBeyondTheLimitIsRejected() {
    // A pair takes 3 bytes beside its name and value.
    int limit = EngineConfig.DEFAULT.metadataLimit();
    acceptor.peer.hello(1, 1, Map.of("m", "x".repeat(limit - 3)));
    assertRejected(ErrorCode.METADATA_TOO_LARGE);
  }

  @Test
  void metadataAtTheLimitIsTaken() {
    int limit = EngineConfig.DEFAULT.metadataLimit();
    acceptor.peer.hello(1, 1, Map.of("m", "x".repeat(limit - 4)));
    acceptor.peer.expect(Frame.Welcome.class);
  }

  @Test
  void unknownVersionIsRejectedWhateverFollowsIt() {
    acceptor.peer.ctrl(new Frame.Hello(2, 1, 1, new byte[Wire.SECRET_BYTES], Map.of()));
    assertRejected(ErrorCode.UNSUPPORTED_VERSION);
  }

  @Test
  void dialerRefusesAWelcomeOfAnotherVersion() {
    byte[] secret = new byte[Wire.SECRET_BYTES];
    dialer.peer.ctrl(new Frame.Welcome(2, 1, 1, 0, new byte[Wire.ID_BYTES], secret, secret));
    assertEquals(ErrorCode.UNSUPPORTED_VERSION, dialer.end.code());
    assertEquals(ErrorCode.UNSUPPORTED_VERSION, dialer.peer.await(Frame.Close.class).code());
  }

  @Test
  void confirmWithAWrongProofIsRejected() {
    acceptor.peer.hello(1000, 3, Map.of());
    acceptor.peer.ctrl(new Frame.Confirm(new byte[Wire.SECRET_BYTES]));
    assertRejected(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void resumeOfAnUnknownConnectionGetsTheSameAnswerWhateverItsProof() {
    byte[] id = new byte[Wire.ID_BYTES];
    byte[] zeros = new byte[Wire.SECRET_BYTES];
    byte[] ones = new byte[Wire.SECRET_BYTES];
    ones[0] = 1;
    acceptor.peer.ctrl(new Frame.Resume(id, 1, 0, zeros, zeros));
    Frame.Reject first = acceptor.peer.expect(Frame.Reject.class);
    EngineHarness other = EngineHarness.acceptor(EngineConfig.DEFAULT);
    other.peer.ctrl(new Frame.Resume(id, 2, 5, zeros, ones));
    Frame.Reject second = other.peer.expect(Frame.Reject.class);
    assertEquals(ErrorCode.UNKNOWN_CONNECTION, first.code());
    assertEquals(first.code(), second.code());
    assertEquals(first.reason(), second.reason());
  }

  @Test
  void rejectEndsTheDialerWithItsReason() {
    dialer.peer.ctrl(new Frame.Reject(ErrorCode.FORBIDDEN, "not you"));
    assertEquals(ErrorCode.FORBIDDEN, dialer.end.code());
    assertEquals("not you", dialer.end.reason());
    assertTrue(dialer.end.byPeer());
  }

  @Test
  void dialerThatGivesUpBeforeConfirmIsNotBlamed() {
    acceptor.peer.hello(1000, 3, Map.of());
    acceptor.peer.ctrl(new Frame.Close(ErrorCode.GOING_AWAY, "changed my mind"));
    assertEquals(ErrorCode.GOING_AWAY, acceptor.end.code());
    assertTrue(acceptor.end.byPeer());
  }

  @Test
  void ackBeforeAnythingWasSentIsRejected() {
    acceptor.peer.packet(PacketKind.CTRL, 1, 0, new Frame.Ack());
    assertRejected(ErrorCode.PROTOCOL_ERROR);
    assertEquals(LinkState.CLOSED, acceptor.engine.state());
  }
}
