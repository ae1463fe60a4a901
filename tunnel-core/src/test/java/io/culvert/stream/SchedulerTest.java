package io.culvert.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.Wire;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scheduler as its streams see it: which bytes stand in which packet. */
class SchedulerTest {
  private static final int BUFFER = 64 * 1024;

  private final StreamsFixture side =
      new StreamsFixture(new StreamLimits(1000, 1000, 0, BUFFER, 100), Integer.MAX_VALUE);
  private final Map<Integer, Long> sent = new HashMap<>();

  @ParameterizedTest
  @ValueSource(ints = {4 * 1024, 10_000, Wire.MAX_PACKET})
  void bulkStreamsShareEqually(int maxPacket) {
    List<Stream> bulk = open(5);

    for (int i = 0; i < 400; i++) {
      bulk.forEach(this::refill);
      send(maxPacket);
    }

    long least = sent.values().stream().mapToLong(Long::longValue).min().orElseThrow();
    long most = sent.values().stream().mapToLong(Long::longValue).max().orElseThrow();
    assertTrue(
        most - least <= 2L * Scheduler.QUANTUM, "between " + least + " and " + most + " bytes");
  }

  @Test
  void aStreamThatBecomesActiveGoesFirst() {
    List<Stream> bulk = open(3);
    for (int i = 0; i < 10; i++) {
      bulk.forEach(this::refill);
      send(Wire.MAX_PACKET);
    }
    bulk.forEach(this::refill);
    Stream late = open(1).get(0);
    side.streams.write(late, StreamsFixture.bytes(100));

    List<Frame> packet = send(Wire.MAX_PACKET);

    assertTrue(packet.get(0) instanceof Frame.Open open && open.streamId() == late.id());
    assertTrue(packet.get(1) instanceof Frame.Data data && data.streamId() == late.id());
  }

  /** The writer puts bytes back as soon as they were taken, so its stream is always "new". */
  @ParameterizedTest
  @ValueSource(ints = {1, 100, 5_000, 8 * 1024 - 28, Scheduler.QUANTUM, BUFFER})
  void aWriterThatRefillsInTimeDoesNotStarveOthers(int piece) {
    List<Stream> steady = open(2);
    Stream eager = open(1).get(0);
    for (int i = 0; i < 1_000; i++) {
      steady.forEach(this::refill);
      side.streams.write(eager, StreamsFixture.bytes(piece));
      send(8 * 1024);
    }

    for (Stream stream : steady) {
      assertTrue(
          sent.get(stream.id()) * 3 >= sent.get(eager.id()), sent + " with eager " + eager.id());
    }
    assertTrue(sent.get(eager.id()) > 0);
  }

  /** Together they fill every packet, and each has sent all it had: none ever waits in line. */
  @Test
  void manyEagerWritersTogetherDoNotStarveASteadyStream() {
    Stream steady = open(1).get(0);
    List<Stream> eager = open(20);
    for (int i = 0; i < 2_000; i++) {
      refill(steady);
      eager.forEach(stream -> side.streams.write(stream, StreamsFixture.bytes(400)));
      send(8 * 1024);
    }

    long fair = sent.values().stream().mapToLong(Long::longValue).sum() / 21;
    assertTrue(sent.get(steady.id()) * 3 >= fair, sent.get(steady.id()) + " of fair " + fair);
  }

  @Test
  void smallRepliesGoBeforeData() {
    Stream bulk = open(1).get(0);
    refill(bulk);
    side.streams.open(Map.of("a", "b"));
    Stream dead = open(1).get(0);
    side.streams.reset(dead, ErrorCode.CANCELLED);

    List<String> kinds =
        send(Wire.MAX_PACKET).stream()
            .map(frame -> frame.type() + " " + frame.streamId())
            .distinct()
            .toList();

    assertEquals(List.of("OPEN 1", "OPEN 3", "OPEN 5", "RESET 5", "DATA 1"), kinds);
  }

  @Test
  void resetDropsWhatWasNotSent() {
    List<Stream> two = open(2);
    two.forEach(this::refill);
    send(8 * 1024);
    long before = sent.getOrDefault(1, 0L);

    side.streams.reset(two.get(0), ErrorCode.CANCELLED);
    List<Frame> after = drain();

    assertTrue(after.get(0) instanceof Frame.Reset reset && reset.streamId() == 1);
    assertEquals(before, sent.getOrDefault(1, 0L));
    assertEquals(BUFFER, sent.get(3));
    assertEquals(0, two.get(0).unsent());
    assertFalse(side.streams.hasWork());
  }

  @Test
  void oneTurnIsOneQuantum() {
    List<Stream> two = open(2);
    two.forEach(this::refill);

    List<Integer> pieces = new ArrayList<>();
    for (Frame frame : drain()) {
      if (frame instanceof Frame.Data data && data.streamId() == 1) {
        pieces.add(data.length());
      }
    }

    assertTrue(pieces.stream().allMatch(length -> length <= Scheduler.QUANTUM), pieces.toString());
    assertEquals(Scheduler.QUANTUM, pieces.get(0));
  }

  @Test
  void aPacketIsNotEndedWithACrumb() {
    Stream stream = open(1).get(0);
    side.packet(Wire.MAX_PACKET);
    refill(stream);
    int credit = Wire.FRAME_HEADER + Long.BYTES;
    Stream reader = open(1).get(0);
    side.streams.reset(reader, ErrorCode.CANCELLED);

    List<Frame> packet = send(Wire.PACKET_HEADER + 3 * credit + 100);

    assertTrue(packet.stream().noneMatch(frame -> frame instanceof Frame.Data), packet.toString());
    assertEquals(BUFFER, stream.unsent());
  }

  @Test
  void writersAreWokenWhenHalfOfTheBufferIsFree() {
    Stream stream = open(1).get(0);
    refill(stream);
    side.happened();

    send(BUFFER / 4);
    assertEquals(List.of(), side.happened());
    send(BUFFER / 2);
    assertEquals(List.of("writable 1"), side.happened());
    drain();
    assertEquals(List.of(), side.happened());
  }

  private List<Stream> open(int count) {
    List<Stream> streams = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      streams.add(side.streams.open(Map.of()));
    }
    return streams;
  }

  private void refill(Stream stream) {
    side.streams.write(stream, StreamsFixture.bytes(BUFFER));
  }

  private List<Frame> send(int maxBytes) {
    List<Frame> frames = side.packet(maxBytes);
    for (Frame frame : frames) {
      if (frame instanceof Frame.Data data) {
        sent.merge(data.streamId(), (long) data.length(), Long::sum);
      }
    }
    return frames;
  }

  private List<Frame> drain() {
    List<Frame> all = new ArrayList<>();
    while (true) {
      List<Frame> frames = send(Wire.MAX_PACKET);
      if (frames.isEmpty()) {
        return all;
      }
      all.addAll(frames);
    }
  }
}
