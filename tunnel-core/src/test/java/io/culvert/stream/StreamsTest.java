package io.culvert.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.Packets;
import io.culvert.frame.ProtocolException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** This side is the dialer: its streams are odd, the peer's even. */
class StreamsTest {
  private final StreamsFixture side = new StreamsFixture(StreamsFixture.SMALL, 500);
  private final Streams streams = side.streams;

  @Test
  void anOpenNeedsNoAnswerBeforeItsBytes() {
    Stream stream = streams.open(Map.of("a", "b"));
    streams.write(stream, StreamsFixture.bytes(2));
    streams.finish(stream);

    assertEquals(List.of("Open streamId=1, attributes={a=b}", "Data 1 FIN 0000"), side.sent());
    assertEquals(StreamState.LOCAL_FIN, stream.state());
  }

  @Test
  void idsAreStrictlyNext() {
    assertEquals(1, streams.open(Map.of()).id());
    assertEquals(3, streams.open(Map.of()).id());
    assertEquals(5, streams.open(Map.of()).id());
  }

  @Test
  void attributesThatCannotBeSentAreTheCallersMistakeAndUseNoId() {
    assertThrows(IllegalArgumentException.class, () -> streams.open(Map.of("", "v")));
    assertThrows(IllegalArgumentException.class, () -> streams.open(Map.of("n", "v".repeat(4093))));

    assertEquals(1, streams.open(Map.of("n", "v".repeat(4092))).id());
  }

  @Test
  void laterChangesOfTheAttributesDoNotReachTheStream() {
    Map<String, String> mine = new HashMap<>(Map.of("a", "b"));
    streams.open(mine);
    mine.put("", "");

    assertEquals(List.of("Open streamId=1, attributes={a=b}"), side.sent());
  }

  @Test
  void thePeersIdsAreStrictlyNextToo() throws ProtocolException {
    streams.onOpen(new Frame.Open(2, Map.of()));

    violation(
        ErrorCode.PROTOCOL_ERROR,
        "expected OPEN of stream 4 but got 6",
        () -> streams.onOpen(new Frame.Open(6, Map.of())));
    violation(
        ErrorCode.PROTOCOL_ERROR,
        "expected OPEN of stream 4 but got 2",
        () -> streams.onOpen(new Frame.Open(2, Map.of())));
    violation(
        ErrorCode.PROTOCOL_ERROR,
        "expected OPEN of stream 4 but got 3",
        () -> streams.onOpen(new Frame.Open(3, Map.of())));
  }

  @Test
  void framesForStreamsThatWereNeverOpenedAreViolations() throws ProtocolException {
    streams.open(Map.of());
    streams.onOpen(new Frame.Open(2, Map.of()));
    for (int id : new int[] {3, 4, Integer.MAX_VALUE, Integer.MAX_VALUE - 1}) {
      String message = "stream " + id + " was never opened";
      violation(ErrorCode.PROTOCOL_ERROR, message, () -> streams.onData(data(id, 1)));
      violation(ErrorCode.PROTOCOL_ERROR, message, () -> streams.onCredit(new Frame.Credit(id, 1)));
      violation(
          ErrorCode.PROTOCOL_ERROR,
          message,
          () -> streams.onReset(new Frame.Reset(id, ErrorCode.CANCELLED)));
      violation(
          ErrorCode.PROTOCOL_ERROR,
          message,
          () -> streams.onStop(new Frame.Stop(id, ErrorCode.CANCELLED)));
    }
  }

  @Test
  void framesForFinishedStreamsAreIgnored() throws ProtocolException {
    Stream stream = streams.open(Map.of());
    side.sent();
    streams.reset(stream, ErrorCode.CANCELLED);
    side.sent();
    side.happened();

    streams.onData(data(1, 10_000));
    streams.onCredit(new Frame.Credit(1, 10_000));
    streams.onStop(new Frame.Stop(1, ErrorCode.CANCELLED));
    streams.onReset(new Frame.Reset(1, ErrorCode.REFUSED));

    assertEquals(List.of(), side.happened());
    assertEquals(List.of(), side.sent());
    assertEquals(ErrorCode.CANCELLED, stream.failure());
  }

  @Test
  void dataAfterFinIsAViolation() throws ProtocolException {
    streams.open(Map.of());
    streams.onData(Packets.data(1, true, new byte[0]));

    violation(
        ErrorCode.PROTOCOL_ERROR, "DATA after FIN on stream 1", () -> streams.onData(data(1, 0)));
  }

  @Test
  void moreBytesThanGrantedAreAViolation() throws ProtocolException {
    streams.open(Map.of());
    streams.onData(data(1, 1000));

    violation(
        ErrorCode.FLOW_CONTROL_ERROR,
        "the stream has 1001 bytes, but only 1000 were granted",
        () -> streams.onData(data(1, 1)));
  }

  @Test
  void emptyDataWithoutFinHasNoEffect() throws ProtocolException {
    Stream stream = streams.open(Map.of());

    streams.onData(data(1, 0));

    assertEquals(List.of(), side.happened());
    assertFalse(stream.answered());
  }

  @Test
  void creditIsGrantedWhenHalfOfTheWindowWasRead() throws ProtocolException {
    Stream stream = streams.open(Map.of());
    side.sent();
    streams.onData(data(1, 1000));
    assertEquals(List.of(), side.sent());

    assertEquals(499, side.read(stream, 499, 0));
    assertEquals(List.of(), side.sent());
    assertEquals(1, side.read(stream, 1, 0));

    assertEquals(List.of("Credit streamId=1, offset=1500"), side.sent());
    assertEquals(List.of(), side.sent());
  }

  @Test
  void sendingStopsAtThePeersOffsetAndGoesOnWithMore() throws ProtocolException {
    Stream stream = streams.open(Map.of());
    assertEquals(400, streams.write(stream, StreamsFixture.bytes(9999)));
    assertEquals(400, payload(side.packet(65_536)));
    assertEquals(400, streams.write(stream, StreamsFixture.bytes(9999)));
    assertEquals(100, payload(side.packet(65_536)));
    assertEquals(0, payload(side.packet(65_536)));

    streams.onCredit(new Frame.Credit(1, 400));
    assertEquals(0, payload(side.packet(65_536)));
    streams.onCredit(new Frame.Credit(1, 510));
    assertEquals(10, payload(side.packet(65_536)));
    streams.onCredit(new Frame.Credit(1, Long.MAX_VALUE));
    assertEquals(290, payload(side.packet(65_536)));
  }

  @Test
  void finNeedsNoCredit() {
    Stream stream = streams.open(Map.of());
    streams.write(stream, StreamsFixture.bytes(400));
    side.sent();
    streams.write(stream, StreamsFixture.bytes(100));
    side.sent();
    streams.finish(stream);

    assertEquals(List.of("Data 1 FIN "), side.sent());
  }

  @Test
  void aStopIsAnsweredWithFin() throws ProtocolException {
    Stream stream = streams.open(Map.of());
    side.sent();
    streams.write(stream, StreamsFixture.bytes(10));

    streams.onStop(new Frame.Stop(1, ErrorCode.CANCELLED));

    assertEquals(List.of("Data 1 FIN "), side.sent());
    assertTrue(stream.outputStopped());
    assertEquals(List.of("writable 1"), side.happened());
  }

  /** The peer grants no more once it has stopped: waiting for credit would be for ever. */
  @Test
  void aStopIsAnsweredWithFinAlsoWhereFinWaitsForCredit() throws ProtocolException {
    Stream stream = streams.open(Map.of());
    streams.write(stream, StreamsFixture.bytes(400));
    side.sent();
    streams.write(stream, StreamsFixture.bytes(400));
    streams.finish(stream);
    assertEquals(100, payload(side.packet(65_536)));
    assertEquals(List.of(), side.sent());

    streams.onStop(new Frame.Stop(1, ErrorCode.CANCELLED));

    assertTrue(streams.hasWork());
    assertEquals(List.of("Data 1 FIN "), side.sent());
    assertEquals(StreamState.LOCAL_FIN, stream.state());
  }

  @Test
  void stoppingDropsWhatComesAndGrantsNothing() throws ProtocolException {
    Stream stream = streams.open(Map.of());
    side.sent();
    streams.onData(data(1, 600));

    streams.stop(stream);
    streams.onData(data(1, 400));

    assertEquals(0, stream.readable());
    assertEquals(List.of("Stop streamId=1, code=CANCELLED"), side.sent());
    streams.stop(stream);
    assertEquals(List.of(), side.sent());
  }

  @Test
  void resetByThePeerWakesBothDirectionsOnce() throws ProtocolException {
    Stream stream = streams.open(Map.of());
    side.sent();
    streams.onData(data(1, 10));
    streams.write(stream, StreamsFixture.bytes(10));
    side.happened();

    streams.onReset(new Frame.Reset(1, ErrorCode.REFUSED));

    assertEquals(List.of("readable 1", "writable 1", "closed 1"), side.happened());
    assertTrue(stream.failedByPeer());
    assertEquals(ErrorCode.REFUSED, stream.failure());
    assertEquals(0, stream.unsent());
    assertEquals(10, stream.neverHandedOut(), "proof that they were not delivered");
    assertEquals(0, stream.readable());
    assertEquals(List.of(), side.sent());
  }

  /** What has arrived completely can still be read. */
  @Test
  void resetAfterFinKeepsTheBytes() throws ProtocolException {
    Stream stream = streams.open(Map.of());
    streams.onData(Packets.data(1, true, new byte[10]));

    streams.onReset(new Frame.Reset(1, ErrorCode.CANCELLED));

    assertEquals(10, stream.readable());
  }

  @Test
  void streamCreditComesBackOnlyWhenEndedAndReleased() throws ProtocolException {
    for (int id = 2; id <= 8; id += 2) {
      streams.onOpen(new Frame.Open(id, Map.of()));
      streams.onReset(new Frame.Reset(id, ErrorCode.CANCELLED));
    }
    assertEquals(List.of(), side.sent());
    violation(
        ErrorCode.LIMIT_EXCEEDED,
        "only 4 streams were granted so far",
        () -> streams.onOpen(new Frame.Open(10, Map.of())));
  }

  @Test
  void releasedAndEndedEarnsOneStream() throws ProtocolException {
    StreamsRecorder recorder = new StreamsRecorder(side);
    for (int id = 2; id <= 8; id += 2) {
      streams.onOpen(new Frame.Open(id, Map.of()));
    }
    recorder.remember();

    streams.release(recorder.stream(4));
    assertEquals(List.of(), side.sent(), "released, but not ended");
    streams.onReset(new Frame.Reset(4, ErrorCode.CANCELLED));
    assertEquals(List.of("Streams total=5"), side.sent());
    streams.onReset(new Frame.Reset(6, ErrorCode.CANCELLED));
    assertEquals(List.of(), side.sent(), "ended, but not released");
    streams.release(recorder.stream(6));
    streams.release(recorder.stream(6));
    assertEquals(List.of("Streams total=6"), side.sent());
  }

  @Test
  void aGrantWaitsForAPacketWhileThePeerHasEnough() throws ProtocolException {
    streams.onOpen(new Frame.Open(2, Map.of()));
    StreamsRecorder recorder = new StreamsRecorder(side);
    recorder.remember();
    streams.onReset(new Frame.Reset(2, ErrorCode.CANCELLED));
    streams.release(recorder.stream(2));
    assertFalse(streams.hasWork());

    streams.open(Map.of());

    assertEquals(List.of("Open streamId=1, attributes={}", "Streams total=5"), side.sent());
  }

  @Test
  void refusedStreamsAreResetAndTheirCreditIsReturned() throws ProtocolException {
    assertEquals(0, streams.acceptNoMore());
    for (int id = 2; id <= 40; id += 2) {
      streams.onOpen(new Frame.Open(id, Map.of()));
      assertEquals(
          List.of("Reset streamId=" + id + ", code=REFUSED", "Streams total=" + (4 + id / 2)),
          side.sent());
    }
    assertTrue(side.happened().stream().noneMatch(event -> event.startsWith("opened")));
    assertEquals(0, streams.active().size());
  }

  @Test
  void streamsThatThePeerDidNotTakeAreRefused() {
    Stream taken = streams.open(Map.of());
    Stream refused = streams.open(Map.of());

    streams.onPeerTakesUpTo(1);

    assertNull(taken.failure());
    assertEquals(ErrorCode.REFUSED, refused.failure());
    assertTrue(refused.failedByPeer());
  }

  @Test
  void theEndOfTheConnectionEndsEveryStreamOnce() throws ProtocolException {
    Stream local = streams.open(Map.of());
    streams.onOpen(new Frame.Open(2, Map.of()));
    side.happened();

    streams.failAll(ErrorCode.CONNECTION_LOST);
    streams.failAll(ErrorCode.CONNECTION_LOST);

    assertEquals(1, side.events.stream().filter("closed 1"::equals).count());
    assertEquals(1, side.events.stream().filter("closed 2"::equals).count());
    assertEquals(ErrorCode.CONNECTION_LOST, local.failure());
    assertFalse(streams.hasWork());
  }

  @Test
  void streamGrantsAreCumulative() {
    StreamsFixture few = new StreamsFixture(StreamsFixture.SMALL, 500);
    few.streams.peerParameters(500, 1);
    few.streams.open(Map.of());
    assertFalse(few.streams.mayOpen());

    few.streams.onStreams(new Frame.Streams(1));
    assertFalse(few.streams.mayOpen());
    few.streams.onStreams(new Frame.Streams(2));
    assertTrue(few.streams.mayOpen());
    few.streams.onStreams(new Frame.Streams(0));
    assertTrue(few.streams.mayOpen());
    assertEquals(List.of("mayOpen"), few.happened());
  }

  private static Frame.Data data(int id, int length) {
    return Packets.data(id, false, new byte[length]);
  }

  private static int payload(List<Frame> frames) {
    return frames.stream()
        .mapToInt(frame -> frame instanceof Frame.Data data ? data.length() : 0)
        .sum();
  }

  private static void violation(
      ErrorCode code, String message, org.junit.jupiter.api.function.Executable action) {
    ProtocolException violation = assertThrows(ProtocolException.class, action);
    assertEquals(message, violation.getMessage());
    assertEquals(code, violation.code());
  }

  /** Finds the peer's streams, which nobody holds otherwise. */
  private static final class StreamsRecorder {
    private final StreamsFixture side;
    private final Map<Integer, Stream> byId = new HashMap<>();

    StreamsRecorder(StreamsFixture side) {
      this.side = side;
    }

    void remember() {
      side.streams.active().forEach(stream -> byId.put(stream.id(), stream));
    }

    Stream stream(int id) {
      return byId.get(id);
    }
  }
}
