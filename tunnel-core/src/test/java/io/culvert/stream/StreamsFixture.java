package io.culvert.stream;

import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.FrameWriter;
import io.culvert.frame.Packet;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Packets;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Streams of one side with a peer that exists as frames only, and a record of the events. */
final class StreamsFixture implements StreamEvents {
  static final StreamLimits SMALL = new StreamLimits(1000, 16_000, 100_000, 400, 4);

  final List<String> events = new ArrayList<>();
  final Streams streams;
  private final FrameWriter writer = new FrameWriter();
  private long packet;

  /** Streams of a dialer whose peer grants windows of {@code peerWindow} and many streams. */
  StreamsFixture(StreamLimits limits, int peerWindow) {
    streams = new Streams(true, limits, this);
    streams.peerParameters(peerWindow, 1_000_000);
  }

  /** The frames of the next packet. */
  List<Frame> packet(int maxBytes) {
    writer.start(maxBytes);
    streams.fill(writer, ++packet);
    if (writer.isEmpty()) {
      return List.of();
    }
    try {
      return FrameReader.read(writer.finish(PacketKind.SEQ, 0, 1)).frames();
    } catch (ProtocolException e) {
      throw new AssertionError(e);
    }
  }

  /** The frames of the next packet, one line each. */
  List<String> sent() {
    List<Frame> frames = packet(Wire.MAX_PACKET);
    return Packets.show(new Packet(PacketKind.SEQ, 0, 1, frames)).lines().skip(1).toList();
  }

  /** Events since the last call. */
  List<String> happened() {
    List<String> copy = List.copyOf(events);
    events.clear();
    return copy;
  }

  static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count);
  }

  /** Reads all that is there. */
  int read(Stream stream, int most, long now) {
    return streams.read(stream, ByteBuffer.allocate(most), now);
  }

  @Override
  public void opened(Stream stream) {
    events.add("opened " + stream.id());
  }

  @Override
  public void readable(Stream stream) {
    events.add("readable " + stream.id());
  }

  @Override
  public void writable(Stream stream) {
    events.add("writable " + stream.id());
  }

  @Override
  public void closed(Stream stream) {
    events.add("closed " + stream.id());
  }

  @Override
  public void mayOpen() {
    events.add("mayOpen");
  }
}
