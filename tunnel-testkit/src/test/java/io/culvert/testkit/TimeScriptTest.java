package io.culvert.testkit;

import static io.culvert.testkit.EngineHarness.MILLIS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.EngineConfig;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.stream.Stream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Heartbeat, acknowledgement and the order of sending, in virtual time. */
class TimeScriptTest {
  private static final long IDLE = EngineConfig.DEFAULT.heartbeatIdle();
  private static final long TIMEOUT = EngineConfig.DEFAULT.heartbeatTimeout();

  private final EngineHarness engine =
      EngineHarness.established(EngineConfig.DEFAULT.withoutResume());
  private final ScriptedPeer peer = engine.peer;

  private List<Stream> openBulk(int count) {
    for (int i = 0; i < count; i++) {
      int id = 2 * engine.opened.size() + 1;
      peer.seq(new Frame.Open(id, Map.of()), new Frame.Credit(id, 1L << 40));
    }
    return engine.opened;
  }

  private void fill(List<Stream> streams) {
    for (Stream stream : streams) {
      engine.write(stream, EngineConfig.DEFAULT.streams().sendBuffer());
    }
  }

  @Test
  void silenceAsksOnceAndThenIsDeath() {
    engine.advance(IDLE - 1);
    assertNull(peer.next());
    engine.advance(1);
    peer.expect(Frame.Ping.class);
    engine.advance(TIMEOUT - 1);
    assertNull(peer.next(), "asked twice");
    assertNull(engine.end);
    engine.advance(1);
    assertEquals(ErrorCode.HEARTBEAT_TIMEOUT, engine.end.code());
    assertTrue(engine.end.abortSocket(), "no close handshake on a dead socket");
    assertNull(peer.next());
  }

  @Test
  void answerIsLife() {
    for (int i = 0; i < 100; i++) {
      engine.advance(IDLE);
      Frame.Ping ping = peer.expect(Frame.Ping.class);
      engine.advance(TIMEOUT - 1);
      peer.ctrl(new Frame.Pong(ping.token(), ping.data()));
    }
    assertNull(engine.end);
  }

  @Test
  void anyPacketIsLife() {
    openBulk(1);
    for (int i = 0; i < 100; i++) {
      engine.advance(IDLE - 1);
      peer.seq(ScriptedPeer.data(1, 1, false));
    }
    assertNull(engine.end);
    for (Frame frame = peer.next(); frame != null; frame = peer.next()) {
      assertTrue(!(frame instanceof Frame.Ping), "asked although there was life");
    }
  }

  @Test
  void pingIsNotBehindDataAndABlackHoleIsNoticedInTime() {
    engine.writes = false;
    fill(openBulk(20));
    assertTrue(engine.engine.inTransit() > 100_000, "the link is not full");
    peer.skipAll();
    engine.advance(IDLE);
    peer.expect(Frame.Ping.class);
    engine.advance(TIMEOUT);
    assertEquals(ErrorCode.HEARTBEAT_TIMEOUT, engine.end.code());
  }

  /** A socket that is dead may take bytes for a long time. */
  @Test
  void whatThisSideSendsIsNoLife() {
    Stream bulk = openBulk(1).get(0);
    int steps = 10;
    for (int i = 0; i < steps; i++) {
      assertNull(engine.end);
      assertEquals(1000, engine.write(bulk, 1000));
      engine.advance((IDLE + TIMEOUT) / steps);
    }
    assertEquals(ErrorCode.HEARTBEAT_TIMEOUT, engine.end.code());
  }

  @Test
  void pongIsNotBehindData() {
    engine.writes = false;
    fill(openBulk(20));
    peer.skipAll();
    peer.ctrl(new Frame.Ping(42, new byte[0]));
    assertEquals(42, peer.expect(Frame.Pong.class).token());
  }

  @Test
  void heartbeatCanBeSwitchedOff() {
    EngineConfig d = EngineConfig.DEFAULT;
    EngineHarness quiet =
        EngineHarness.established(
            new EngineConfig(
                d.streams(),
                d.replayBuffer(),
                d.transit(),
                0,
                0,
                d.handshakeTimeout(),
                0,
                d.metadataLimit(),
                d.pingData()));
    assertEquals(Long.MAX_VALUE, quiet.engine.deadline());
    quiet.advance(1_000_000 * MILLIS);
    assertNull(quiet.end);
    assertNull(quiet.peer.next());
  }

  @Test
  void acknowledgementWaitsForAPacketToRideOnButNotForLong() {
    openBulk(1);
    assertEquals(0, peer.acknowledged());
    engine.advance(24 * MILLIS);
    assertEquals(0, peer.acknowledged());
    engine.advance(MILLIS);
    assertEquals(1, peer.acknowledged());
    peer.expect(Frame.Ack.class);

    peer.seq(ScriptedPeer.data(1, 1, false));
    engine.write(engine.opened.get(0), 1);
    assertEquals(2, peer.acknowledged(), "did not ride on the data");
  }

  @Test
  void manyBytesAreAcknowledgedAtOnce() {
    openBulk(1);
    peer.seq(ScriptedPeer.data(1, 33_000, false));
    assertEquals(0, peer.acknowledged());
    peer.seq(ScriptedPeer.data(1, 33_000, false));
    assertEquals(3, peer.acknowledged());
  }

  @Test
  void bulkStreamsShareTheLinkEvenly() {
    engine.writes = false;
    List<Stream> streams = openBulk(4);
    Map<Integer, Integer> sent = new HashMap<>();
    for (int round = 0; round < 400; round++) {
      // The writers refill as soon as there is room.
      fill(streams);
      count(sent);
      engine.written();
      engine.pump();
    }
    int least = streams.stream().mapToInt(s -> sent.get(s.id())).min().orElseThrow();
    int most = streams.stream().mapToInt(s -> sent.get(s.id())).max().orElseThrow();
    assertTrue(most - least <= 64 * 1024, sent + " bytes of each stream");
  }

  @Test
  void writerOfSmallPiecesCannotStarveABulkStream() {
    engine.writes = false;
    List<Stream> streams = new ArrayList<>(openBulk(2));
    Map<Integer, Integer> sent = new HashMap<>();
    for (int round = 0; round < 400; round++) {
      engine.write(streams.get(0), 10_000);
      engine.write(streams.get(1), 64 * 1024);
      count(sent);
      engine.written();
      engine.pump();
    }
    assertNotNull(sent.get(3));
    assertTrue(sent.get(3) >= sent.get(1), sent + " bytes of each stream");
  }

  @Test
  void newStreamGoesAheadOfRunningBulk() {
    engine.writes = false;
    List<Stream> bulk = new ArrayList<>(openBulk(4));
    Map<Integer, Integer> sent = new HashMap<>();
    for (int round = 0; round < 20; round++) {
      fill(bulk);
      count(sent);
      engine.written();
      engine.pump();
    }
    fill(bulk);
    peer.skipAll();
    openBulk(1);
    Stream small = engine.opened.get(4);
    engine.write(small, 100);
    engine.written();
    engine.pump();
    Frame.Data first = peer.await(Frame.Data.class);
    assertEquals(small.id(), first.streamId(), "the new stream waited for the bulk");
  }

  private void count(Map<Integer, Integer> sent) {
    for (Frame frame = peer.next(); frame != null; frame = peer.next()) {
      if (frame instanceof Frame.Data data) {
        sent.merge(data.streamId(), data.length(), Integer::sum);
      }
    }
    peer.ctrl(new Frame.Ack());
  }
}
