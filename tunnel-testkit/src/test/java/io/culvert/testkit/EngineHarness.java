package io.culvert.testkit;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.stream.Stream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** An engine against a scripted peer, in virtual time. */
final class EngineHarness implements EngineEvents {
  static final long MILLIS = 1_000_000;

  final List<String> events = new ArrayList<>();
  final List<Stream> opened = new ArrayList<>();
  final ScriptedPeer peer = new ScriptedPeer(this::receive, Duration.ZERO);
  private final Deque<Integer> unwritten = new ArrayDeque<>();
  final Engine engine;
  long now = 1;
  int pings;
  int maxInTransit;
  EngineEnd end;

  /** Whether the WebSocket takes what is handed to it. */
  boolean writes = true;

  EngineHarness(boolean dialer, EngineConfig config) {
    SplittableRandom random = new SplittableRandom(1);
    engine =
        dialer
            ? Engine.dialer(config, Map.of("app", "test"), random, this, now)
            : Engine.acceptor(config, random, this, now);
    pump();
  }

  static EngineHarness acceptor(EngineConfig config) {
    return new EngineHarness(false, config);
  }

  /** An acceptor whose handshake with a peer of 64 KiB windows and 100 streams is complete. */
  static EngineHarness established(EngineConfig config) {
    EngineHarness harness = acceptor(config);
    harness.peer.dial(64 * 1024, 100);
    return harness;
  }

  private void receive(ByteBuffer message) {
    engine.receive(engine.socket(), message, now);
    pump();
  }

  void pump() {
    ByteBuffer packet;
    while (engine.hasWork(now) && (packet = engine.poll(now)) != null) {
      unwritten.add(packet.remaining());
      maxInTransit = Math.max(maxInTransit, engine.inTransit());
      if (writes) {
        written();
      }
      byte[] copy = new byte[packet.remaining()];
      packet.duplicate().get(copy);
      peer.received(ByteBuffer.wrap(copy));
    }
  }

  /** The WebSocket has written the oldest packet. */
  void written() {
    engine.written(engine.socket(), unwritten.remove());
  }

  void writeAll() {
    writes = true;
    while (!unwritten.isEmpty()) {
      written();
      pump();
    }
  }

  /** Lets time pass, acting at every deadline on the way. */
  void advance(long nanos) {
    long until = now + nanos;
    while (engine.deadline() <= until) {
      now = Math.max(now, engine.deadline());
      engine.tick(now);
      pump();
    }
    now = until;
  }

  int write(Stream stream, int bytes) {
    int taken = engine.streams().write(stream, ByteBuffer.allocate(bytes));
    pump();
    return taken;
  }

  int read(Stream stream, int bytes) {
    int count = engine.streams().read(stream, ByteBuffer.allocate(bytes), now);
    pump();
    return count;
  }

  @Override
  public void opened(Stream stream) {
    opened.add(stream);
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

  @Override
  public void established() {
    events.add("established");
  }

  @Override
  public void welcoming(String connectionId) {}

  @Override
  public void detached(String reason) {}

  @Override
  public void resumeFailed(String reason) {}

  @Override
  public void resumed(long outageNanos, int packets, long bytes) {}

  @Override
  public void pinged(byte[] data) {
    pings++;
  }

  @Override
  public void ponged(byte[] data, long roundTripNanos) {}

  @Override
  public void peerGoingAway() {
    events.add("peerGoingAway");
  }

  @Override
  public void ended(EngineEnd how) {
    events.add("ended");
    end = how;
  }
}
