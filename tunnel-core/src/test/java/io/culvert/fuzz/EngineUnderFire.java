package io.culvert.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.frame.FrameReader;
import io.culvert.frame.Packet;
import io.culvert.frame.ProtocolException;
import io.culvert.frame.Wire;
import io.culvert.link.LinkState;
import io.culvert.stream.Stream;
import io.culvert.stream.StreamLimits;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One engine with an application that does what it may, and a peer and sockets that do what they
 * like; after every step all that must hold is checked.
 */
final class EngineUnderFire {
  private static final StreamLimits LIMITS = new StreamLimits(2_000, 8_000, 10_000, 3_000, 6);

  private static final EngineConfig CONFIG =
      new EngineConfig(LIMITS, 100_000, 70_000, 1_000, 500, 700, 3_000, 200, new byte[] {1});

  private final Random random;
  private final boolean dialer;
  private final boolean resumes;
  private final Engine engine;
  private final EventRules events;
  private final List<Stream> streams;
  private final FuzzPeer peer;
  private final FuzzApplication application;
  private long now;
  private int lastWords;

  EngineUnderFire(Random random) {
    this(random, random.nextBoolean(), random.nextBoolean());
  }

  /**
   * An engine whose only socket has just opened.
   *
   * @param resumes whether its link outlives its sockets
   */
  EngineUnderFire(Random random, boolean dialer, boolean resumes) {
    this.random = random;
    this.dialer = dialer;
    this.resumes = resumes;
    this.now = random.nextLong();
    this.events = new EventRules(resumes);
    this.streams = events.streams;
    this.peer = new FuzzPeer(random, dialer, streams, LIMITS.streams());
    EngineConfig config = resumes ? CONFIG : CONFIG.withoutResume();
    this.engine =
        dialer
            ? Engine.dialer(config, Map.of("a", "b"), random, events, now)
            : Engine.acceptor(config, random, events, now);
    this.application = new FuzzApplication(random, engine, streams);
    engine.packetLog(line -> assertTrue(line.chars().noneMatch(Character::isISOControl), line));
  }

  void run(int steps) throws ProtocolException {
    if (random.nextInt(8) != 0) {
      shakeHands(resumes && random.nextInt(8) != 0);
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
      receive(renumber ? peer.renumbered(packet.clone()) : packet.clone());
      check();
      application.call(now);
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
    pass(CONFIG.resumeTime());
    check();
    assertNotNull(events.end, "the end was told");
    assertTrue(events.allOver(), "every stream has ended");
  }

  private void step() throws ProtocolException {
    if (resumes && socketStep()) {
      return;
    }
    switch (random.nextInt(16)) {
      case 0 -> {
        if (random.nextInt(10) == 0) {
          receive(peer.mutated());
        } else if (random.nextInt(10) == 0) {
          receive(peer.renumbered(peer.mutated()));
        }
      }
      case 1, 2, 3, 4, 5, 6, 7 -> receive(peer.plausible());
      case 8, 9, 10, 11 -> application.call(now);
      case 12, 13 -> poll();
      case 14 -> engine.written(engine.socket(), random.nextInt(engine.inTransit() + 1));
      default -> pass(random.nextInt(random.nextInt(10) == 0 ? 600 : 20));
    }
  }

  // Sockets that come and go.

  /** Returns whether anything was done. */
  private boolean socketStep() throws ProtocolException {
    LinkState state = engine.state();
    if (state == LinkState.RESUMING && random.nextInt(3) != 0) {
      answer();
      return true;
    }
    if (state == LinkState.DETACHED && random.nextInt(3) != 0) {
      resume(mostly());
      return true;
    }
    switch (random.nextInt(64)) {
      case 0 -> engine.socketLost(engine.socket(), "cut", now);
      case 1 -> resume(mostly());
      case 2 -> mustChangeNothing(this::talkOfAnOldSocket);
      case 3 -> mustChangeNothing(this::resumeAsStranger);
      case 4 -> {
        if (state == LinkState.RESUMING) {
          engine.violated(engine.socket(), ErrorCode.PROTOCOL_ERROR, "text", now);
          assertEquals(LinkState.DETACHED, engine.state());
        }
      }
      case 5 -> {
        if (state == LinkState.DETACHED) {
          pass(CONFIG.resumeTime());
          assertNotNull(events.end, "kept for too long");
        }
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** A new socket; the peer proves that it is the peer. */
  private void resume(boolean right) {
    boolean possible = engine.resumable();
    int expected = possible ? engine.socket() + 1 : 0;
    if (dialer) {
      assertEquals(expected, engine.resume(now));
      peer.newSocket();
      return;
    }
    long position = right ? peer.position() : peer.wrongPosition();
    assertEquals(expected, engine.resume(peer.resume(position), now));
    peer.newSocket();
    if (possible) {
      tookPosition(right, position);
    }
  }

  private void tookPosition(boolean right, long position) {
    if (right) {
      assertNull(events.end, "ended by a position that can be");
      peer.resumedBehind(position);
    } else {
      assertEquals(ErrorCode.PROTOCOL_ERROR, events.end.code());
    }
  }

  /** The handshake of a resume goes on, in most cases as it should. */
  private void answer() throws ProtocolException {
    if (!peer.mayAnswer()) {
      poll();
      assertTrue(peer.mayAnswer(), "nothing to answer");
    } else if (random.nextInt(4) == 0) {
      receive(FuzzPeer.ctrl(peer.wrongAnswer()));
      assertEquals(LinkState.DETACHED, engine.state());
    } else {
      prove(!dialer || mostly());
    }
  }

  private boolean mostly() {
    return random.nextInt(20) != 0;
  }

  private void prove(boolean right) {
    long position = right ? peer.position() : peer.wrongPosition();
    Frame answer = dialer ? peer.resumed(position) : peer.confirm();
    engine.receive(engine.socket(), ByteBuffer.wrap(FuzzPeer.ctrl(answer)), now);
    if (dialer) {
      tookPosition(right, position);
    }
    assertEquals(right ? LinkState.ATTACHED : LinkState.CLOSED, engine.state());
  }

  private void mustChangeNothing(Runnable action) {
    Seen before = Seen.of(engine, events, now);
    action.run();
    assertEquals(before, Seen.of(engine, events, now));
  }

  private void talkOfAnOldSocket() {
    // The newest is fenced as well when it is lost, except for what it has written.
    boolean newest = engine.state() == LinkState.DETACHED && random.nextBoolean();
    int old = newest ? engine.socket() : engine.socket() - 1 - random.nextInt(3);
    switch (random.nextInt(4)) {
      case 0 -> engine.receive(old, ByteBuffer.wrap(peer.plausible()), now);
      case 1 -> engine.socketLost(old, "late", now);
      case 2 -> engine.violated(old, ErrorCode.PROTOCOL_ERROR, "text", now);
      default -> {
        if (!newest) {
          engine.written(old, 1 + random.nextInt(100));
        }
      }
    }
  }

  private void resumeAsStranger() {
    assertEquals(0, engine.resume(peer.wrongResume(), now));
    if (!dialer) {
      assertEquals(0, engine.resume(now), "an acceptor does not dial");
    }
  }

  private void pass(long nanos) {
    now += nanos;
    engine.tick(now);
  }

  private void receive(byte[] bytes) {
    peer.sends(bytes);
    boolean stranger = engine.state() == LinkState.RESUMING;
    long kept = engine.replayBytes();
    engine.receive(engine.socket(), ByteBuffer.wrap(bytes.clone()), now);
    if (stranger && !(dialer && rejects(bytes))) {
      assertNull(events.end, "whoever has proved nothing has ended the link");
      assertEquals(kept, engine.replayBytes(), "whoever has proved nothing has acknowledged");
    }
  }

  private static boolean rejects(byte[] bytes) {
    try {
      List<Frame> frames = FrameReader.read(ByteBuffer.wrap(bytes.clone())).frames();
      return frames.stream().anyMatch(Frame.Reject.class::isInstance);
    } catch (ProtocolException e) {
      return false;
    }
  }

  // Into a state.

  void shakeHands() throws ProtocolException {
    shakeHands(resumes);
  }

  private void shakeHands(boolean peerResumes) throws ProtocolException {
    if (dialer) {
      poll();
      receive(peer.welcome(peerResumes ? 1 : 0));
      return;
    }
    receive(FuzzPeer.hello());
    Frame.Welcome welcome = (Frame.Welcome) poll().frames().get(0);
    receive(peer.confirm(welcome));
  }

  /** An acceptor that has said WELCOME and waits for the proof. */
  void halfShakeHands() throws ProtocolException {
    receive(FuzzPeer.hello());
    poll();
  }

  /** A new socket, on which RESUME or RESUMED is sent. */
  void halfResume() throws ProtocolException {
    engine.socketLost(engine.socket(), "cut", now);
    resume(true);
    poll();
  }

  void completeResume() {
    prove(true);
  }

  /** Opens streams from both sides, with bytes in both directions. */
  void openStreams() throws ProtocolException {
    for (int i = 0; i < 2; i++) {
      receive(peer.open());
      application.open();
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
    peer.received(packet, bytes);
    if (events.end != null) {
      assertEquals(1, ++lastWords, "one packet after the end");
      assertTrue(
          packet.frames().get(0) instanceof Frame.Close
              || packet.frames().get(0) instanceof Frame.Reject);
    }
    return packet;
  }

  private void check() {
    assertEquals(events.end, engine.end());
    int inTransit = engine.inTransit();
    assertTrue(inTransit >= 0 && inTransit <= CONFIG.transit() + 17 * 1024, inTransit + " out");
    assertTrue(
        engine.replayBytes() <= CONFIG.replayBuffer() + Wire.MAX_PACKET,
        engine.replayBytes() + " kept");
    checkStreams();
    LinkState state = engine.state();
    assertEquals(events.end != null, state == LinkState.CLOSED, "ended, but " + state);
    assertTrue(events.lost || state != LinkState.DETACHED, "detached, but nobody said so");
    assertTrue(!events.lost || state != LinkState.ATTACHED, "resumed, but nobody said so");
    if (events.end != null) {
      assertEquals(0, engine.streams().active().size());
      assertEquals(0, engine.replayBytes());
      assertEquals(Long.MAX_VALUE, engine.deadline());
    }
  }

  private void checkStreams() {
    long windows = 0;
    int unreleased = 0;
    for (Stream stream : engine.streams().active()) {
      windows += stream.window() - LIMITS.window();
      unreleased += stream.local() ? 0 : 1;
      assertTrue(stream.readable() <= stream.window(), stream + " holds " + stream.readable());
      assertTrue(stream.unsent() <= LIMITS.sendBuffer(), stream + " holds " + stream.unsent());
      assertTrue(stream.window() <= LIMITS.maxWindow(), stream + " has " + stream.window());
      assertFalse(events.over(stream), stream + " is active after its end");
    }
    assertTrue(windows <= LIMITS.growthBudget(), "windows grew by " + windows);
    assertTrue(unreleased <= LIMITS.streams(), unreleased + " streams of the peer");
    for (Stream stream : streams) {
      boolean seen = engine.end() == null ? peer.hasPacketOf(stream) : peer.mayHaveSeen(stream);
      assertEquals(seen, engine.mayHaveArrived(stream), stream::toString);
    }
  }
}
