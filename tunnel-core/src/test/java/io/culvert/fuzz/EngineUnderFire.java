package io.culvert.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.Packet;
import io.culvert.frame.PacketKind;
import io.culvert.frame.Packets;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import io.culvert.link.Proofs;
import io.culvert.stream.Stream;
import io.culvert.stream.StreamLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * One engine with an application that does what it may and a peer that does what it likes; after
 * every step all that must hold is checked.
 */
final class EngineUnderFire implements EngineEvents {
  private static final StreamLimits LIMITS = new StreamLimits(2_000, 8_000, 10_000, 3_000, 6);
  private static final byte[] NONCE = new byte[Wire.SECRET_BYTES];

  private static final EngineConfig CONFIG =
      new EngineConfig(LIMITS, 100_000, 70_000, 1_000, 500, 700, 0, 200, new byte[] {1});

  private final Random random;
  private final Mutator mutator;
  private final boolean dialer;
  private final Engine engine;
  private final List<Stream> streams = new ArrayList<>();
  private final Set<Stream> ended = new HashSet<>();
  private long now;
  private long seq;
  private long lastSent;
  private int peerOpened;
  private int peerAllowed = LIMITS.streams();
  private int lastWords;
  private EngineEnd end;

  EngineUnderFire(Random random) {
    this(random, random.nextBoolean());
  }

  EngineUnderFire(Random random, boolean dialer) {
    this.random = random;
    this.mutator = new Mutator(random);
    this.dialer = dialer;
    this.now = random.nextLong();
    this.engine =
        dialer
            ? Engine.dialer(CONFIG, Map.of("a", "b"), random, this, now)
            : Engine.acceptor(CONFIG, random, this, now);
    engine.packetLog(line -> assertTrue(line.chars().noneMatch(Character::isISOControl), line));
  }

  void run(int steps) throws ProtocolException {
    if (random.nextInt(8) != 0) {
      shakeHands();
    }
    for (int i = 0; i < steps; i++) {
      step();
      check();
    }
    lose();
  }

  /**
   * Takes these packets and no others, with the application at work in between.
   *
   * @param renumber whether packets get the number that is expected, so that their frames are
   *     looked at
   */
  void attack(List<byte[]> packets, boolean renumber) throws ProtocolException {
    for (byte[] packet : packets) {
      receive(renumber ? renumbered(packet.clone()) : packet.clone());
      check();
      callApplication();
      pollAll();
    }
    now += CONFIG.heartbeatIdle();
    engine.tick(now);
    pollAll();
    lose();
  }

  private void lose() {
    engine.socketLost(engine.socket(), "over", now);
    check();
    assertNotNull(end, "the end was told");
    assertEquals(streams.size(), ended.size(), "every stream has ended");
  }

  private void step() throws ProtocolException {
    switch (random.nextInt(16)) {
      case 0 -> {
        if (random.nextInt(10) == 0) {
          receive(mutator.packet());
        } else if (random.nextInt(10) == 0) {
          receive(renumbered(mutator.packet()));
        }
      }
      case 1, 2, 3, 4, 5, 6, 7 -> receive(plausible());
      case 8, 9, 10, 11 -> callApplication();
      case 12, 13 -> poll();
      case 14 -> engine.written(engine.socket(), random.nextInt(engine.inTransit() + 1));
      default -> {
        now += random.nextInt(random.nextInt(10) == 0 ? 600 : 20);
        engine.tick(now);
      }
    }
  }

  private void receive(byte[] bytes) {
    engine.receive(engine.socket(), ByteBuffer.wrap(bytes), now);
  }

  void shakeHands() throws ProtocolException {
    if (dialer) {
      poll();
      byte[] id = new byte[Wire.ID_BYTES];
      receive(bytes(Packets.ctrl(0, new Frame.Welcome(1, 2_000, 6, 0, id, NONCE, NONCE))));
      return;
    }
    receive(bytes(Packets.ctrl(0, new Frame.Hello(1, 2_000, 6, NONCE, Map.of()))));
    Frame.Welcome welcome = (Frame.Welcome) poll().frames().get(0);
    byte[] proof = Proofs.confirm(welcome.secret(), welcome.connectionId(), NONCE, welcome.nonce());
    receive(bytes(Packets.ctrl(0, new Frame.Confirm(proof))));
  }

  /** An acceptor that has said WELCOME and waits for the proof. */
  void halfShakeHands() throws ProtocolException {
    receive(bytes(Packets.ctrl(0, new Frame.Hello(1, 2_000, 6, NONCE, Map.of()))));
    poll();
  }

  /** Opens streams from both sides, with bytes in both directions. */
  void openStreams() throws ProtocolException {
    for (int i = 0; i < 2; i++) {
      int id = 2 * peerOpened++ + (dialer ? 2 : 1);
      Frame data = Packets.data(id, false, new byte[100]);
      receive(bytes(Packets.seq(++seq, lastSent, new Frame.Open(id, Map.of()), data)));
      Stream opened = engine.open(Map.of("n", "v"));
      streams.add(opened);
      engine.streams().write(opened, ByteBuffer.allocate(100));
    }
    pollAll();
  }

  void drain() throws ProtocolException {
    engine.drain("drain");
    pollAll();
  }

  void close() throws ProtocolException {
    engine.close(ErrorCode.NO_ERROR, "enough");
    pollAll();
  }

  private void pollAll() throws ProtocolException {
    while (poll() != null) {
      check();
    }
    check();
  }

  /** A packet that a peer might send, with now and then a wrong value. */
  private byte[] plausible() {
    List<Frame> frames = new ArrayList<>();
    boolean numbered = random.nextInt(4) != 0;
    for (int i = random.nextInt(4); i >= 0; i--) {
      frames.add(numbered ? streamFrame() : controlFrame());
    }
    long ack = random.nextInt(50) == 0 ? random.nextLong() >>> 1 : lastSent - random.nextInt(3);
    Frame[] all = frames.toArray(new Frame[0]);
    ByteBuffer packet =
        numbered
            ? Packets.seq(random.nextInt(50) == 0 ? seq : ++seq, Math.max(0, ack), all)
            : Packets.ctrl(Math.max(0, ack), all);
    return bytes(packet);
  }

  private static byte[] bytes(ByteBuffer packet) {
    byte[] bytes = new byte[packet.remaining()];
    packet.get(bytes);
    return bytes;
  }

  private Frame streamFrame() {
    boolean wrong = random.nextInt(100) == 0;
    int choice = random.nextInt(12);
    if (choice < 2 && (peerOpened < peerAllowed || wrong)) {
      return new Frame.Open(2 * peerOpened++ + (dialer ? 2 : 1), Map.of("k", "v"));
    }
    if (streams.isEmpty() && !wrong) {
      return new Frame.Streams(random.nextInt(40));
    }
    Stream stream = streams.isEmpty() ? null : streams.get(random.nextInt(streams.size()));
    int id = stream == null || wrong ? 1 + random.nextInt(50) : stream.id();
    return switch (choice) {
      case 0, 1, 2, 3, 4, 5, 6 -> {
        if (stream != null && stream.finReceived() && !wrong) {
          yield new Frame.Stop(id, ErrorCode.REFUSED);
        }
        int most = wrong ? 3_000 : 200;
        yield Packets.data(id, random.nextInt(12) == 0, new byte[random.nextInt(most)]);
      }
      case 7, 8 -> new Frame.Credit(id, random.nextInt(20_000));
      case 9 -> new Frame.Reset(id, ErrorCode.of(random.nextInt(20)));
      case 10 -> new Frame.Stop(id, ErrorCode.CANCELLED);
      default ->
          random.nextInt(4) == 0
              ? new Frame.GoAway(random.nextInt(20), ErrorCode.GOING_AWAY, "bye")
              : new Frame.Streams(random.nextInt(40));
    };
  }

  private Frame controlFrame() {
    return switch (random.nextInt(60)) {
      case 0 -> new Frame.Close(ErrorCode.of(random.nextInt(20)), "close");
      case 1 -> new Frame.Reject(ErrorCode.of(random.nextInt(20)), "reject");
      case 2, 3, 4, 5 -> new Frame.Pong(random.nextInt(4), new byte[1]);
      case 6, 7, 8, 9 -> new Frame.Ping(random.nextLong(), new byte[random.nextInt(256)]);
      default -> new Frame.Ack();
    };
  }

  /** Gives a packet the number that is expected, so that its frames are looked at. */
  private byte[] renumbered(byte[] bytes) {
    if (bytes.length >= Wire.PACKET_HEADER && bytes[0] == 1) {
      ByteBuffer.wrap(bytes).putLong(4, lastSent).putLong(12, ++seq);
    }
    return bytes;
  }

  private void callApplication() {
    if (engine.mayOpen() && random.nextInt(4) == 0) {
      Stream opened = engine.open(Map.of("n", "v".repeat(random.nextInt(3_000))));
      streams.add(opened);
    }
    if (random.nextInt(200) == 0) {
      engine.drain("drain");
    }
    if (random.nextInt(400) == 0) {
      engine.close(ErrorCode.NO_ERROR, "enough");
    }
    if (streams.isEmpty()) {
      return;
    }
    Stream stream = streams.get(random.nextInt(streams.size()));
    switch (random.nextInt(9)) {
      case 0, 1, 2 -> {
        if (!stream.outputShut() && stream.failure() == null) {
          engine.streams().write(stream, ByteBuffer.allocate(random.nextInt(5_000)));
        }
      }
      case 3, 4, 5 ->
          engine.streams().read(stream, ByteBuffer.allocate(random.nextInt(5_000)), now);
      case 6 -> engine.streams().finish(stream);
      case 7 -> engine.streams().stop(stream);
      default -> {
        engine.streams().reset(stream, ErrorCode.CANCELLED);
        engine.streams().release(stream);
      }
    }
  }

  private Packet poll() throws ProtocolException {
    ByteBuffer bytes = engine.poll(now);
    if (bytes == null) {
      assertFalse(engine.hasWork(now), "work that cannot be done");
      return null;
    }
    if (random.nextInt(4) != 0) {
      engine.written(engine.socket(), bytes.remaining());
    }
    Packet packet = FrameReader.read(bytes.duplicate());
    if (packet.kind() == PacketKind.SEQ) {
      assertEquals(lastSent + 1, packet.seq());
      lastSent = packet.seq();
    }
    if (end != null) {
      assertEquals(1, ++lastWords, "one packet after the end");
      assertTrue(
          packet.frames().get(0) instanceof Frame.Close
              || packet.frames().get(0) instanceof Frame.Reject);
    }
    for (Frame frame : packet.frames()) {
      if (frame instanceof Frame.Streams grant) {
        peerAllowed = grant.total();
      }
    }
    return packet;
  }

  private void check() {
    assertEquals(end, engine.end());
    assertTrue(
        engine.inTransit() <= CONFIG.transit() + 17 * 1024, engine.inTransit() + " in transit");
    assertTrue(
        engine.replayBytes() <= CONFIG.replayBuffer() + Wire.MAX_PACKET,
        engine.replayBytes() + " kept");
    long windows = 0;
    int unreleased = 0;
    for (Stream stream : engine.streams().active()) {
      windows += stream.window() - LIMITS.window();
      unreleased += stream.local() ? 0 : 1;
      assertTrue(stream.readable() <= stream.window(), stream + " holds " + stream.readable());
      assertTrue(stream.unsent() <= LIMITS.sendBuffer(), stream + " holds " + stream.unsent());
      assertTrue(stream.window() <= LIMITS.maxWindow(), stream + " has " + stream.window());
      assertFalse(ended.contains(stream), stream + " is active after its end");
    }
    assertTrue(windows <= LIMITS.growthBudget(), "windows grew by " + windows);
    assertTrue(unreleased <= LIMITS.streams(), unreleased + " streams of the peer");
    if (end != null) {
      assertEquals(0, engine.streams().active().size());
      assertEquals(0, engine.replayBytes());
      assertEquals(Long.MAX_VALUE, engine.deadline());
    }
  }

  @Override
  public void opened(Stream stream) {
    running();
    streams.add(stream);
  }

  @Override
  public void readable(Stream stream) {
    running();
  }

  @Override
  public void writable(Stream stream) {
    running();
  }

  @Override
  public void closed(Stream stream) {
    running();
    // A stream that was refused was never shown.
    if (streams.contains(stream)) {
      assertTrue(ended.add(stream), stream + " ended twice");
    }
  }

  @Override
  public void mayOpen() {
    running();
  }

  @Override
  public void established() {
    running();
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
    running();
  }

  @Override
  public void ponged(byte[] data, long roundTripNanos) {
    running();
    assertTrue(roundTripNanos > 0);
  }

  @Override
  public void peerGoingAway() {
    running();
  }

  @Override
  public void ended(EngineEnd how) {
    assertNull(end, "ended twice");
    end = how;
  }

  private void running() {
    assertNull(end, "an event after the end");
  }
}
