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
import io.culvert.stream.Stream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** GOAWAY in two steps, and how streams end, against a scripted peer. */
class DrainScriptTest {
  private final EngineHarness engine = EngineHarness.established(EngineConfig.DEFAULT);
  private final ScriptedPeer peer = engine.peer;

  private static Frame open(int id) {
    return new Frame.Open(id, Map.of());
  }

  @Test
  void drainTakesWhatWasOpenedBeforeItWasHeardAndRefusesTheRest() {
    engine.events.clear();
    engine.engine.drain("restart");
    assertEquals(List.of("mayOpen"), engine.events, "who waits to open must hear of it");
    assertFalse(engine.engine.accepting());
    engine.pump();
    assertEquals(Wire.UNDECIDED, peer.expect(Frame.GoAway.class).lastStreamId());

    // Opened before the peer has heard.
    peer.packet(PacketKind.SEQ, 0, 1, open(1));
    assertEquals(1, engine.opened.size());
    assertNull(peer.next(), "decided before the peer has acknowledged");

    peer.ctrl(new Frame.Ack());
    assertEquals(1, peer.expect(Frame.GoAway.class).lastStreamId());
    engine.events.clear();
    peer.packet(PacketKind.SEQ, 2, 2, open(3));
    assertEquals(1, engine.opened.size());
    assertEquals(ErrorCode.REFUSED, peer.await(Frame.Reset.class).code());
    assertEquals(List.of(), engine.events, "nobody has heard of that stream");
    assertNull(engine.end);

    // The one that was taken goes on.
    engine.write(engine.opened.get(0), 5);
    assertEquals(5, peer.await(Frame.Data.class).length());
  }

  @Test
  void peersGoAwayStopsOpeningAndRefusesWhatItDidNotTake() {
    Stream first = engine.engine.open(Map.of());
    Stream second = engine.engine.open(Map.of());
    engine.pump();
    peer.seq(new Frame.GoAway(Wire.UNDECIDED, ErrorCode.GOING_AWAY, "restart"));
    assertTrue(engine.events.containsAll(List.of("peerGoingAway", "mayOpen")));
    assertFalse(engine.engine.accepting());
    assertNull(second.failure(), "nothing is decided yet");
    peer.seq(new Frame.GoAway(first.id(), ErrorCode.GOING_AWAY, "restart"));
    assertNull(first.failure());
    assertEquals(ErrorCode.REFUSED, second.failure());
    assertTrue(second.failedByPeer());
    assertEquals(1, engine.events.stream().filter("peerGoingAway"::equals).count());
  }

  @Test
  void closedIsTheLastEventOfAStream() {
    peer.seq(open(1));
    Stream stream = engine.opened.get(0);
    engine.engine.streams().finish(stream);
    engine.pump();
    engine.events.clear();
    peer.seq(ScriptedPeer.data(1, 3, true));
    assertEquals(List.of("readable 1", "closed 1"), engine.events);
    assertEquals(3, engine.read(stream, 10), "what came before the end can still be read");

    peer.seq(open(3));
    engine.events.clear();
    peer.seq(new Frame.Reset(3, ErrorCode.CANCELLED));
    assertEquals(List.of("readable 3", "writable 3", "closed 3"), engine.events);
  }

  @Test
  void stopOfAnOutputThatHasEndedAndWaitsForCreditIsAnsweredWithFin() {
    peer.seq(open(1));
    Stream stream = engine.opened.get(0);
    assertEquals(64 * 1024, engine.write(stream, 64 * 1024));
    engine.write(stream, 100);
    engine.engine.streams().finish(stream);
    engine.pump();
    assertEquals(100, stream.unsent());
    peer.skipAll();
    peer.seq(new Frame.Stop(1, ErrorCode.CANCELLED));
    Frame.Data last = peer.await(Frame.Data.class);
    assertTrue(last.fin());
    assertEquals(0, last.length());
    assertEquals(0, stream.unsent());
  }

  @Test
  void resetDropsWhatWasNotSent() {
    peer.seq(open(1));
    Stream stream = engine.opened.get(0);
    engine.write(stream, 64 * 1024);
    engine.write(stream, 100);
    peer.skipAll();
    engine.engine.streams().reset(stream, ErrorCode.CANCELLED);
    engine.pump();
    peer.expect(Frame.Reset.class);
    assertNull(peer.next());
    assertEquals(0, stream.unsent());
  }
}
