package io.culvert.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.Packets;
import io.culvert.frame.Vector;
import io.culvert.link.LinkState;
import io.culvert.stream.Stream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The table "what a receiver does" of docs/protocol.md, as far as one engine sees it. */
class HostilePeerTest {

  @ParameterizedTest
  @MethodSource("io.culvert.frame.Vector#malformed")
  void aMalformedPacketEndsTheConnectionWithItsCode(Vector vector) {
    Probe probe = Probe.acceptor().attached();

    probe.engine.receive(probe.engine.socket(), vector.buffer(), probe.now);

    assertEquals(vector.outcome(), probe.engine.end().code() + ": " + probe.engine.end().reason());
    assertFalse(probe.engine.end().byPeer());
    assertEquals(
        List.of(
            "Close code=" + probe.engine.end().code() + ", reason=" + probe.engine.end().reason()),
        probe.shown());
  }

  @Test
  void aWrongFirstFrameIsRejected() {
    Probe probe = Probe.acceptor();

    probe.ctrl(new Frame.Ping(1, new byte[0]));

    assertEquals(
        List.of("Reject code=PROTOCOL_ERROR, reason=PING while the link is LISTENING"),
        probe.shown());
    assertFalse(probe.engine.end().abortSocket());
  }

  @Test
  void numberedPacketsBeforeTheHandshakeAreRejected() {
    Probe probe = Probe.acceptor();

    probe.seq(1, 0, new Frame.Open(1, Map.of()));

    assertEquals(
        List.of(
            "Reject code=PROTOCOL_ERROR,"
                + " reason=a SEQ packet before the handshake is complete"),
        probe.shown());
  }

  @Test
  void silenceEndsInTheHandshakeTimeout() {
    for (Probe probe : List.of(Probe.acceptor(), Probe.dialer())) {
      probe.sent();
      assertEquals(1_000 + EngineConfig.DEFAULT.handshakeTimeout(), probe.engine.deadline());
      probe.engine.tick(probe.engine.deadline() - 1);
      assertNull(probe.endCode());
      probe.engine.tick(probe.engine.deadline());
      assertEquals(ErrorCode.HANDSHAKE_TIMEOUT, probe.endCode());
      assertEquals(1, probe.sent().size());
    }
  }

  @Test
  void resumingIsAnsweredWithUnknownConnection() {
    Probe probe = Probe.acceptor();

    probe.ctrl(new Frame.Resume(Probe.ID, 2, 1, Probe.NONCE, Probe.NONCE));

    assertEquals(ErrorCode.UNKNOWN_CONNECTION, ((Frame.Reject) probe.sent().get(0)).code());
  }

  /** A side that was restarted has sent nothing yet, and the ack is one of the link before. */
  @Test
  void soIsResumingALinkThatHadAcknowledgedPackets() {
    Probe probe = Probe.acceptor();

    probe.engine.receive(
        probe.engine.socket(),
        Packets.ctrl(7, new Frame.Resume(Probe.ID, 2, 7, Probe.NONCE, Probe.NONCE)),
        probe.now);

    assertEquals(ErrorCode.UNKNOWN_CONNECTION, ((Frame.Reject) probe.sent().get(0)).code());
  }

  @Test
  void anotherVersionIsRejected() {
    Probe probe = Probe.acceptor();

    probe.engine.receive(
        probe.engine.socket(),
        Vector.lenient().stream()
            .filter(vector -> vector.name().equals("hello-of-another-version"))
            .findFirst()
            .orElseThrow()
            .buffer(),
        probe.now);

    assertEquals(ErrorCode.UNSUPPORTED_VERSION, ((Frame.Reject) probe.sent().get(0)).code());
  }

  @Test
  void tooMuchMetadataIsRejected() {
    Probe probe = Probe.of(false, Probe.small());

    probe.ctrl(new Frame.Hello(1, 1, 1, Probe.NONCE, Map.of("n", "v".repeat(97))));

    assertEquals(ErrorCode.METADATA_TOO_LARGE, ((Frame.Reject) probe.sent().get(0)).code());
  }

  @Test
  void aWrongProofIsRejectedAndNothingIsEstablished() {
    Probe probe = Probe.acceptor();
    probe.ctrl(new Frame.Hello(1, 1, 1, Probe.NONCE, Map.of()));
    probe.sent();

    probe.ctrl(new Frame.Confirm(Probe.SECRET));

    assertEquals(ErrorCode.PROTOCOL_ERROR, ((Frame.Reject) probe.sent().get(0)).code());
    assertFalse(probe.events.contains("established"));
  }

  @Test
  void aDialerThatHangsUpInTheHandshakeIsNoViolation() {
    Probe probe = Probe.acceptor();
    probe.ctrl(new Frame.Hello(1, 1, 1, Probe.NONCE, Map.of()));
    probe.sent();

    probe.ctrl(new Frame.Close(ErrorCode.UNSUPPORTED_VERSION, "not me"));

    assertEquals(
        new EngineEnd(ErrorCode.UNSUPPORTED_VERSION, "not me", true, false), probe.engine.end());
    assertEquals(List.of(), probe.shown());
  }

  /** The dialer is attached from WELCOME on, the acceptor only from CONFIRM on. */
  @Test
  void aRejectedConfirmTellsTheDialerWhy() {
    Probe probe = Probe.dialer().attached();

    probe.ctrl(new Frame.Reject(ErrorCode.HANDSHAKE_TIMEOUT, "too late"));

    assertEquals(
        new EngineEnd(ErrorCode.HANDSHAKE_TIMEOUT, "too late", true, false), probe.engine.end());
  }

  @Test
  void aDialerMayNotReject() {
    Probe probe = Probe.acceptor().attached();

    probe.ctrl(new Frame.Reject(ErrorCode.FORBIDDEN, "no"));

    assertEquals("REJECT from the dialer", probe.engine.end().reason());
  }

  @Test
  void handshakeFramesAfterTheHandshakeAreViolations() {
    for (Frame frame :
        List.of(
            new Frame.Hello(1, 1, 1, Probe.NONCE, Map.of()),
            Probe.welcome(),
            new Frame.Confirm(Probe.SECRET),
            new Frame.Resume(Probe.ID, 2, 1, Probe.NONCE, Probe.NONCE),
            new Frame.Resumed(2, 1, Probe.NONCE, Probe.NONCE))) {
      Probe probe = Probe.acceptor().attached();
      probe.ctrl(frame);
      assertEquals(frame.type() + " after the handshake", probe.engine.end().reason());
    }
  }

  @Test
  void anAckOfWhatWasNeverSentIsAViolation() {
    Probe probe = Probe.acceptor().attached();

    probe.engine.receive(probe.engine.socket(), Packets.ctrl(1, new Frame.Ack()), probe.now);

    assertEquals("ack of packet 1, but the last sent is 0", probe.engine.end().reason());
    assertEquals(ErrorCode.PROTOCOL_ERROR, probe.endCode());
  }

  @Test
  void aMissingPacketCostsTheSocketAndARepeatedOneIsIgnored() {
    Probe probe = Probe.acceptor().attached();
    probe.seq(1, 0, new Frame.Open(1, Map.of()));
    probe.seq(1, 0, new Frame.Open(1, Map.of()));
    assertNull(probe.endCode());
    assertEquals(1, probe.opened.size());

    probe.seq(3, 0, new Frame.Open(3, Map.of()));

    assertEquals(LinkState.DETACHED, probe.engine.state());
    assertTrue(probe.events.contains("detached"));
    assertEquals(1, probe.opened.size());
  }

  @Test
  void aMissingPacketIsAViolationIfTheConnectionCannotBeResumed() {
    Probe probe = Probe.of(false, EngineConfig.DEFAULT.withoutResume()).attached();

    probe.seq(2, 0, new Frame.Open(1, Map.of()));

    assertEquals("expected packet 1 but got 2", probe.engine.end().reason());
  }

  @Test
  void creditIsEnforced() {
    Probe probe = Probe.of(false, Probe.small()).attached();

    probe.seq(1, 0, new Frame.Open(1, Map.of()), Packets.data(1, false, new byte[1001]));

    assertEquals(ErrorCode.FLOW_CONTROL_ERROR, probe.endCode());
  }

  @Test
  void aViolationFailsEveryStreamBeforeTheEnd() {
    Probe probe = Probe.acceptor().attached();
    probe.seq(1, 0, new Frame.Open(1, Map.of()));

    probe.engine.violated(
        probe.engine.socket(), ErrorCode.PROTOCOL_ERROR, "a text message", probe.now);

    assertEquals(
        List.of(
            "established", "opened 1", "readable 1", "writable 1", "closed 1", "mayOpen", "ended"),
        probe.events);
    assertEquals(ErrorCode.PROTOCOL_ERROR, probe.opened.get(0).failure());
  }

  @Test
  void aPeerThatHasClosedIsToldNothingMore() {
    Probe probe = Probe.dialer();
    probe.sent();
    probe.ctrl(Probe.welcome(), new Frame.Close(ErrorCode.GOING_AWAY, "not now"));

    assertEquals(List.of(), probe.shown());
    assertEquals(ErrorCode.GOING_AWAY, probe.endCode());
  }

  @Test
  void nothingIsTakenAfterTheEnd() {
    Probe probe = Probe.acceptor().attached();
    probe.ctrl(new Frame.Close(ErrorCode.NO_ERROR, "bye"));
    int events = probe.events.size();

    probe.seq(1, 0, new Frame.Open(1, Map.of()));
    probe.ctrl(new Frame.Close(ErrorCode.NO_ERROR, "bye"));
    probe.engine.socketLost(probe.engine.socket(), "gone", probe.now);
    probe.engine.violated(probe.engine.socket(), ErrorCode.PROTOCOL_ERROR, "text", probe.now);
    probe.engine.tick(Long.MAX_VALUE);

    assertEquals(events, probe.events.size());
    assertEquals(LinkState.CLOSED, probe.engine.state());
    assertEquals(Long.MAX_VALUE, probe.engine.deadline());
  }

  @Test
  void ofManyPingsOnlyTheLatestIsAnswered() {
    Probe probe = Probe.acceptor().attached();
    for (int i = 1; i <= 100_000; i++) {
      probe.ctrl(new Frame.Ping(i, new byte[255]));
    }

    assertEquals(
        List.of(100_000L),
        probe.sent().stream().map(frame -> ((Frame.Pong) frame).token()).toList());
  }

  @Test
  void aPeerThatPingsAndNeverReadsGetsABoundedNumberOfAnswers() {
    Probe probe = Probe.acceptor().attached();
    for (int i = 1; i <= 100_000; i++) {
      probe.ctrl(new Frame.Ping(i, new byte[255]));
      probe.poll(false);
    }

    int bound = EngineConfig.DEFAULT.transit() + 17 * 1024;
    assertTrue(probe.engine.inTransit() <= bound, probe.engine.inTransit() + " bytes");
  }

  @Test
  void openAndResetIsLimitedByWhatTheHandlersHaveFinished() {
    Probe probe = Probe.of(false, Probe.small()).attached();
    long seq = 0;
    int id = 1;
    for (int i = 0; i < 4; i++, id += 2) {
      probe.seq(++seq, 0, new Frame.Open(id, Map.of()));
      probe.seq(++seq, 0, new Frame.Reset(id, ErrorCode.CANCELLED));
    }
    assertNull(probe.endCode());

    probe.seq(++seq, 0, new Frame.Open(id, Map.of()));

    assertEquals(ErrorCode.LIMIT_EXCEEDED, probe.endCode());
  }

  @Test
  void manyOpensAndResetsOfAPolitePeerLeaveNothing() {
    Probe probe = Probe.of(false, Probe.small()).attached();
    long seq = 0;
    for (int i = 0; i < 200_000; i++) {
      probe.seq(
          ++seq,
          0,
          new Frame.Open(2 * i + 1, Map.of()),
          new Frame.Reset(2 * i + 1, ErrorCode.CANCELLED));
      Stream stream = probe.opened.remove(0);
      probe.engine.streams().release(stream);
      for (ByteBuffer out = probe.engine.poll(probe.now);
          out != null;
          out = probe.engine.poll(probe.now)) {
        probe.engine.written(probe.engine.socket(), out.remaining());
        if (out.get(0) == 1) {
          probe.engine.receive(
              probe.engine.socket(), Packets.ctrl(out.getLong(12), new Frame.Ack()), probe.now);
        }
      }
      probe.events.clear();
    }

    assertNull(probe.endCode());
    assertEquals(0, probe.engine.streams().active().size());
    assertEquals(0, probe.engine.replayBytes());
  }

  @ParameterizedTest
  @EnumSource(LinkState.class)
  void unknownIgnorableFramesAreSkippedInEveryState(LinkState state) {
    Vector skipped =
        Vector.lenient().stream()
            .filter(vector -> vector.name().equals("unknown-ignorable-with-other-flags"))
            .findFirst()
            .orElseThrow();
    Probe probe = state == LinkState.GREETING ? Probe.dialer() : Probe.acceptor();
    if (state == LinkState.ATTACHED) {
      probe.attached();
    } else if (state == LinkState.WELCOMING) {
      probe.ctrl(new Frame.Hello(1, 1, 1, Probe.NONCE, Map.of()));
    }

    probe.engine.receive(probe.engine.socket(), skipped.buffer(), probe.now);

    assertNull(probe.endCode());
  }
}
