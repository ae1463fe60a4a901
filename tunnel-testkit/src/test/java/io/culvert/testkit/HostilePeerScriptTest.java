package io.culvert.testkit;

import static io.culvert.testkit.ScriptedPeer.data;
import static io.culvert.testkit.ScriptedPeer.rawFrame;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.EngineConfig;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Wire;
import io.culvert.stream.Stream;
import io.culvert.stream.StreamLimits;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an established engine makes of packets that a well-behaved peer would not send. */
class HostilePeerScriptTest {
  private static final int WINDOW = EngineConfig.DEFAULT.streams().window();
  private static final int UNKNOWN_TYPE = 0x6f;

  private final EngineHarness engine =
      EngineHarness.established(EngineConfig.DEFAULT.withoutResume());
  private final ScriptedPeer peer = engine.peer;

  private static Frame open(int id) {
    return new Frame.Open(id, Map.of());
  }

  private void assertClosed(ErrorCode code) {
    assertNotNull(engine.end, "the connection goes on");
    assertEquals(code, engine.end.code());
    assertEquals(code, peer.await(Frame.Close.class).code());
    assertEquals("ended", engine.events.get(engine.events.size() - 1));
    assertTrue(engine.engine.streams().active().isEmpty());
  }

  @Test
  void packetOfTheLargestSizeIsTaken() {
    int payload = Wire.MAX_PACKET - Wire.PACKET_HEADER - 2 * Wire.FRAME_HEADER;
    peer.seq(open(1), data(1, payload, false));
    assertNull(engine.end);
    assertEquals(payload, engine.opened.get(0).readable());
  }

  @Test
  void oversizedPacketEndsTheConnection() {
    peer.raw(new byte[Wire.MAX_PACKET + 1]);
    assertClosed(ErrorCode.LIMIT_EXCEEDED);
  }

  @Test
  void emptyMessageEndsTheConnection() {
    peer.raw(new byte[0]);
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void emptyDataChangesNothing() {
    peer.seq(open(1), data(1, 0, false), data(1, 3, false));
    assertNull(engine.end);
    assertEquals(3, engine.opened.get(0).readable());
    assertEquals(1, engine.events.stream().filter("readable 1"::equals).count());
  }

  @Test
  void unknownFrameIsSkippedWhenItSaysSo() {
    peer.rawSeq(rawFrame(UNKNOWN_TYPE, Wire.FLAG_IGNORABLE, 77, new byte[9]));
    peer.seq(open(1));
    assertNull(engine.end);
    assertEquals(1, engine.opened.size());
  }

  @Test
  void unknownFrameEndsTheConnectionOtherwise() {
    peer.rawSeq(rawFrame(UNKNOWN_TYPE, 0, 77, new byte[9]));
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void framesOfAFinishedStreamAreIgnored() {
    peer.seq(open(1));
    engine.engine.streams().reset(engine.opened.get(0), ErrorCode.CANCELLED);
    engine.pump();
    peer.seq(
        data(1, WINDOW / 8, false),
        new Frame.Credit(1, 1L << 40),
        new Frame.Stop(1, ErrorCode.CANCELLED),
        data(1, 0, true),
        data(1, 1, false),
        new Frame.Reset(1, ErrorCode.CANCELLED));
    assertNull(engine.end);
    assertEquals(0, engine.opened.get(0).readable());
  }

  @Test
  void frameOfAStreamThatWasNeverOpenedEndsTheConnection() {
    peer.seq(data(1, 1, false));
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void frameOfTheOtherSidesUnopenedStreamEndsTheConnection() {
    peer.seq(new Frame.Credit(2, 5));
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void streamIdsMustNotBeSkipped() {
    peer.seq(open(1), open(5));
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void streamIdsMustNotBeUsedAgain() {
    peer.seq(open(1), open(1));
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void streamIdsMustHaveTheOpenersParity() {
    peer.seq(open(2));
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void dataUpToTheCreditIsTakenAndOneByteMoreIsNot() {
    peer.seq(open(1));
    int left = WINDOW;
    while (left > 0) {
      int piece = Math.min(left, 32 * 1024);
      peer.seq(data(1, piece, false));
      left -= piece;
    }
    assertNull(engine.end);
    peer.seq(data(1, 1, false));
    assertClosed(ErrorCode.FLOW_CONTROL_ERROR);
  }

  @Test
  void stoppedStreamStillHasItsCreditAndNoMore() {
    peer.seq(open(1));
    engine.engine.streams().stop(engine.opened.get(0));
    engine.pump();
    for (int sent = 0; sent < WINDOW; sent += 32 * 1024) {
      peer.seq(data(1, 32 * 1024, false));
    }
    assertNull(engine.end);
    assertEquals(0, engine.opened.get(0).readable());
    peer.seq(data(1, 1, false));
    assertClosed(ErrorCode.FLOW_CONTROL_ERROR);
  }

  @Test
  void creditBeyondAllBoundsEndsTheConnection() {
    peer.seq(open(1), new Frame.Credit(1, -1));
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void largestCreditIsTaken() {
    peer.seq(open(1), new Frame.Credit(1, Long.MAX_VALUE));
    engine.write(engine.opened.get(0), 1000);
    assertEquals(1000, peer.await(Frame.Data.class).length());
  }

  @Test
  void olderCreditTakesNothingBack() {
    peer.seq(open(1), new Frame.Credit(1, 70_000), new Frame.Credit(1, 5));
    Stream stream = engine.opened.get(0);
    assertEquals(64 * 1024, engine.write(stream, 64 * 1024));
    assertEquals(0, stream.unsent());
    engine.write(stream, 10_000);
    assertEquals(64 * 1024 + 10_000 - 70_000, stream.unsent());
  }

  @Test
  void ackOfWhatWasNotSentEndsTheConnection() {
    peer.packet(PacketKind.CTRL, 1, 0, new Frame.Ack());
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void dataAfterFinEndsTheConnection() {
    peer.seq(open(1), data(1, 1, true), data(1, 1, false));
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void gapInTheNumbersEndsTheConnection() {
    peer.seq(open(1));
    peer.packet(PacketKind.SEQ, 0, 3, open(3));
    assertClosed(ErrorCode.PROTOCOL_ERROR);
  }

  @Test
  void duplicatePacketIsDropped() {
    peer.seq(open(1), data(1, 10, false));
    peer.packet(PacketKind.SEQ, 0, 1, open(1), data(1, 10, false));
    assertNull(engine.end);
    assertEquals(10, engine.opened.get(0).readable());
    peer.seq(data(1, 1, false));
    assertEquals(11, engine.opened.get(0).readable());
  }

  @Test
  void closeEndsTheConnectionWithItsReason() {
    peer.seq(open(1));
    peer.ctrl(new Frame.Close(ErrorCode.INTERNAL_ERROR, "broken"));
    assertEquals(ErrorCode.INTERNAL_ERROR, engine.end.code());
    assertEquals("broken", engine.end.reason());
    assertTrue(engine.end.byPeer());
    assertEquals(ErrorCode.INTERNAL_ERROR, engine.opened.get(0).failure());
    peer.skipAll();
    engine.advance(60_000 * EngineHarness.MILLIS);
    assertNull(peer.next(), "something was said after the peer's CLOSE");
  }

  @Test
  void hundredThousandPingsDoNotPileUp() {
    engine.writes = false;
    EngineConfig config = EngineConfig.DEFAULT;
    for (int i = 0; i < 100_000; i++) {
      peer.ctrl(new Frame.Ping(i, new byte[Wire.MAX_PING_DATA]));
    }
    assertEquals(100_000, engine.pings);
    int bound = config.transit() + 16 * 1024;
    assertTrue(engine.maxInTransit <= bound, engine.maxInTransit + " in transit");
    assertTrue(peer.unread() <= bound / Wire.MAX_PING_DATA, peer.unread() + " answers");
    peer.skipAll();
    engine.writeAll();
    assertEquals(99_999, peer.expect(Frame.Pong.class).token(), "the latest is answered");
    assertNull(peer.next());
  }

  @Test
  void blockedSocketDoesNotMakeTheTimerSpin() {
    peer.seq(open(1), new Frame.Credit(1, 1 << 20));
    engine.writes = false;
    for (int i = 0; i < 1000; i++) {
      peer.ctrl(new Frame.Ping(i, new byte[Wire.MAX_PING_DATA]));
    }
    peer.seq(data(1, 1, false));
    engine.now += 100 * EngineHarness.MILLIS;
    engine.engine.tick(engine.now);
    engine.pump();
    assertTrue(engine.engine.deadline() > engine.now, "due again at once");
    peer.skipAll();
    engine.writeAll();
    assertEquals(2, peer.acknowledged());
  }

  @Test
  void millionOpenAndResetsWithinCreditCostNothingLasting() {
    int next = 1;
    int allowed = EngineConfig.DEFAULT.streams().streams();
    for (int i = 0; i < 1_000_000; i++) {
      peer.seq(open(next), new Frame.Reset(next, ErrorCode.CANCELLED));
      engine.engine.streams().release(engine.opened.remove(0));
      engine.pump();
      engine.events.clear();
      next += 2;
      for (Frame frame = peer.next(); frame != null; frame = peer.next()) {
        allowed = frame instanceof Frame.Streams credit ? credit.total() : allowed;
      }
      assertTrue(i + 1 < allowed, "no credit after " + i);
    }
    assertNull(engine.end);
    assertTrue(engine.engine.streams().active().isEmpty());
    peer.ctrl(new Frame.Ack());
    assertEquals(0, engine.engine.replayBytes());
  }

  @Test
  void openAndResetBeyondCreditEndsTheConnection() {
    // The handlers have not finished, so no credit comes back however fast the streams end.
    int next = 1;
    for (int i = 0; i < EngineConfig.DEFAULT.streams().streams(); i++) {
      peer.seq(open(next), new Frame.Reset(next, ErrorCode.CANCELLED));
      next += 2;
    }
    assertNull(engine.end);
    peer.seq(open(next));
    assertClosed(ErrorCode.LIMIT_EXCEEDED);
  }

  @Test
  void creditComesBackOnlyWhenTheHandlerHasFinished() {
    StreamLimits one = new StreamLimits(1000, 1000, 0, 1000, 1);
    EngineConfig d = EngineConfig.DEFAULT;
    EngineHarness small =
        EngineHarness.established(
            new EngineConfig(
                one,
                d.replayBuffer(),
                d.transit(),
                0,
                0,
                d.handshakeTimeout(),
                0,
                d.metadataLimit(),
                d.pingData()));
    small.peer.seq(open(1), data(1, 0, true));
    Stream stream = small.opened.get(0);
    small.engine.streams().finish(stream);
    small.pump();
    small.peer.skipAll();
    small.advance(1000 * EngineHarness.MILLIS);
    assertEquals(0, small.engine.streams().active().size());
    small.engine.streams().release(stream);
    small.pump();
    assertEquals(2, small.peer.await(Frame.Streams.class).total());
  }
}
