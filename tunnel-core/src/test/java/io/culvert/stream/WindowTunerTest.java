package io.culvert.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.Packets;
import io.culvert.frame.ProtocolException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WindowTunerTest {
  private static final StreamLimits LIMITS = new StreamLimits(1000, 16_000, 5_000, 400, 100);
  private static final long ROUND = WindowTuner.MIN_INTERVAL_NANOS;

  private final StreamsFixture side = new StreamsFixture(LIMITS, 500);
  private final Streams streams = side.streams;
  private Stream first;
  private Stream second;
  private long now = 1_000;

  @BeforeEach
  void openTwo() {
    first = streams.open(Map.of());
    second = streams.open(Map.of());
    side.sent();
  }

  @Test
  void aReaderOfASixteenthOfItsWindowAsksForAProbe() throws ProtocolException {
    consume(first, 61);
    assertFalse(streams.wantsProbe());
    consume(first, 1);
    assertTrue(streams.wantsProbe());
    streams.probeSent(now);
    assertFalse(streams.wantsProbe());
  }

  @Test
  void theWindowBecomesTwiceWhatOneRoundTripConsumed() throws ProtocolException {
    probe();
    consume(first, 700);
    consume(second, 400);
    side.sent();
    streams.probeAnswered();

    assertEquals(1_400, first.window());
    assertEquals(1_000, second.window(), "never narrower");
  }

  @Test
  void theBurstThatAskedForTheProbeCountsToo() throws ProtocolException {
    consume(first, 900);
    probe();
    consume(first, 600);
    streams.probeAnswered();

    assertEquals(3_000, first.window());
  }

  @Test
  void whatWasConsumedRightAfterAnAnswerCountsForNothing() throws ProtocolException {
    probe();
    streams.probeAnswered();
    consume(first, 900); // the next probe must keep its distance
    probe();
    consume(first, 600);
    streams.probeAnswered();

    assertEquals(1_200, first.window());
  }

  @Test
  void theWiderWindowIsGranted() throws ProtocolException {
    probe();
    consume(first, 1_000);
    side.sent(); // the credit for what was read
    streams.probeAnswered();

    assertEquals(List.of("Credit streamId=1, offset=3000"), side.sent());
    streams.onData(Packets.data(1, false, new byte[2_000]));
  }

  @Test
  void growthGoesOnWithEachRoundTripUpToTheLargestWindow() throws ProtocolException {
    StreamsFixture rich =
        new StreamsFixture(new StreamLimits(1000, 16_000, 1_000_000, 400, 100), 500);
    Stream stream = rich.streams.open(Map.of());
    for (int round = 0; round < 10; round++) {
      now += ROUND;
      rich.streams.probeSent(now);
      int window = stream.window();
      rich.streams.onData(Packets.data(1, false, new byte[window]));
      rich.read(stream, window, now);
      rich.sent();
      rich.streams.probeAnswered();
      rich.sent();
      assertEquals(Math.min(16_000, 2 * window), stream.window());
    }
  }

  @Test
  void allWindowsTogetherStayWithinTheBudget() throws ProtocolException {
    growToLimit(first);
    growToLimit(second);

    assertEquals(LIMITS.growthBudget(), first.window() + second.window() - 2_000);
  }

  @Test
  void anEndedStreamGivesItsGrowthBack() throws ProtocolException {
    growToLimit(first);
    assertEquals(6_000, first.window());
    growToLimit(second);
    assertEquals(1_000, second.window());

    streams.reset(first, ErrorCode.CANCELLED);
    growToLimit(second);

    assertEquals(6_000, second.window());
  }

  @Test
  void manyEndedStreamsLeaveTheWholeBudget() throws ProtocolException {
    for (int i = 0; i < 1_000; i++) {
      Stream stream = streams.open(Map.of());
      side.sent();
      probe();
      consume(stream, 1_000);
      if (i % 2 == 0) {
        streams.probeAnswered();
        streams.reset(stream, ErrorCode.CANCELLED);
      } else {
        streams.onReset(new Frame.Reset(stream.id(), ErrorCode.CANCELLED));
        streams.probeAnswered();
        assertEquals(1_000, stream.window(), "ended before the answer");
      }
    }
    growToLimit(first);

    assertEquals(6_000, first.window());
  }

  /** Streams that read too little for a probe are never forgotten by one. */
  @Test
  void endedStreamsAreNotHeld() {
    WindowTuner tuner = new WindowTuner(LIMITS);
    for (int id = 1; id < 1_000; id += 2) {
      Stream stream = new Stream(id, true, Map.of(), 500, LIMITS.window());
      tuner.consumed(stream, 10, now);
      assertEquals(1, tuner.consumers());
      tuner.closed(stream);
    }

    assertFalse(tuner.wantsProbe());
    assertEquals(0, tuner.consumers());
  }

  @Test
  void probesKeepTheirDistance() throws ProtocolException {
    probe();
    streams.probeAnswered();
    now -= 1;
    consume(first, 1_000);
    assertFalse(streams.wantsProbe());

    now += 1 + ROUND;
    consume(first, 62);
    assertTrue(streams.wantsProbe());
  }

  @Test
  void anAnswerWithoutAProbeChangesNothing() throws ProtocolException {
    consume(first, 1_000);
    streams.probeAnswered();

    assertEquals(1_000, first.window());
  }

  private void probe() {
    now += ROUND;
    streams.probeSent(now);
  }

  private void growToLimit(Stream stream) throws ProtocolException {
    for (int i = 0; i < 8; i++) {
      probe();
      consume(stream, stream.window() / 2); // so much is always granted
      consume(stream, stream.window() / 2);
      streams.probeAnswered();
      side.sent();
    }
  }

  /** Receives and reads bytes on a stream. */
  private void consume(Stream stream, int bytes) throws ProtocolException {
    side.sent();
    streams.onData(Packets.data(stream.id(), false, new byte[bytes]));
    assertEquals(bytes, side.read(stream, bytes, now));
    side.sent();
  }
}
