package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Wire;
import io.culvert.stream.Stream;
import io.culvert.stream.StreamLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/** One engine with its driver and its application, and the rules that hold for it at any time. */
final class Side implements EngineEvents, SimulatedSocket.Callbacks {
  /** Beyond the transit bound control may go, by documentation of the engine. */
  private static final int CONTROL_RESERVE = 16 * 1024;

  private final boolean dialer;
  private final EngineConfig config;
  private final Scenario scenario;
  private final VirtualTime time;
  private final SplittableRandom random;
  private final WireMonitor monitor;
  private final Map<Integer, StreamApp> apps = new TreeMap<>();
  private final List<Opener> openers = new ArrayList<>();
  private final long startedAt;

  private Supplier<StreamPlan> acceptPlans;
  private Engine engine;
  private Side peer;
  private SimulatedSocket socket;
  private boolean inEngine;
  private boolean pumping;
  private boolean established;
  private boolean peerGoingAway;
  private boolean drained;
  private boolean socketGone;
  private EngineEnd end;
  private ErrorCode closedWith;
  private long lastArrival;
  private long timerAt = -1;

  Side(boolean dialer, Scenario scenario, VirtualTime time, SplittableRandom random) {
    this.dialer = dialer;
    this.config = dialer ? scenario.dialer() : scenario.acceptor();
    this.scenario = scenario;
    this.time = time;
    this.random = random;
    this.monitor = new WireMonitor(dialer);
    this.acceptPlans = () -> StreamPlan.of(random, scenario.largestStream());
    this.startedAt = time.now();
    this.lastArrival = time.now();
  }

  void connect(Side other, SimulatedSocket on, Consumer<String> log) {
    peer = other;
    socket = on;
    engine =
        dialer
            ? Engine.dialer(config, Map.of("seed", "x"), random.split(), this, time.now())
            : Engine.acceptor(config, random.split(), this, time.now());
    if (log != null) {
      engine.packetLog(line -> log.accept(this + " " + line));
    }
    call(e -> {});
  }

  // Driving the engine.

  void call(Consumer<Engine> action) {
    get(
        e -> {
          action.accept(e);
          return null;
        });
  }

  <T> T get(Function<Engine, T> action) {
    check(!inEngine, "%s: an event called the engine", this);
    inEngine = true;
    T result = action.apply(engine);
    inEngine = false;
    checkBounds();
    if (scenario.pumpDelay() == 0) {
      pump();
    } else if (!pumping) {
      pumping = true;
      time.housekeepingAt(time.now() + random.nextLong(scenario.pumpDelay()), this::pump);
    }
    return result;
  }

  private void pump() {
    pumping = false;
    if (socketGone) {
      return;
    }
    while (engine.hasWork(time.now())) {
      ByteBuffer packet = poll();
      if (packet == null) {
        boolean waits = engine.inTransit() > 0;
        check(waits || !engine.hasWork(time.now()), "%s: work, but no packet", this);
        break;
      }
      socket.send(dialer, packet, monitor.sent(packet));
    }
    boolean idle = !engine.hasWork(time.now());
    check(!idle || poll() == null, "%s: a packet, but no work", this);
    checkBounds();
    if (end != null) {
      leave(idle);
    } else if (engine.inTransit() < config.transit()) {
      monitor.settled(time.now(), scenario.pumpDelay() + VirtualTime.MILLIS);
    }
    armTimer();
  }

  private ByteBuffer poll() {
    inEngine = true;
    ByteBuffer packet = engine.poll(time.now());
    inEngine = false;
    return packet;
  }

  private void leave(boolean allHandedOut) {
    if (end.abortSocket()) {
      socketGone = true;
      socket.cut("the peer has aborted the WebSocket");
    } else if (allHandedOut && engine.inTransit() == 0) {
      socketGone = true;
      socket.close(dialer);
    }
  }

  private void armTimer() {
    long deadline = engine.deadline();
    if (deadline == timerAt) {
      return;
    }
    timerAt = deadline;
    if (deadline != Long.MAX_VALUE) {
      time.housekeepingAt(deadline + random.nextLong(VirtualTime.MILLIS), () -> tick(deadline));
    }
  }

  private void tick(long deadline) {
    if (deadline != timerAt || socketGone) {
      return;
    }
    timerAt = -1;
    call(e -> e.tick(time.now()));
    if (!pumping) {
      check(engine.deadline() > time.now(), "%s: the timer would spin", this);
    }
  }

  @Override
  public void received(SimulatedSocket on, ByteBuffer message) {
    if (on != socket || socketGone) {
      return;
    }
    lastArrival = time.now();
    if (end == null) {
      monitor.delivered(message, time.now());
    }
    call(e -> e.receive(message, time.now()));
    checkWindows();
  }

  @Override
  public void written(SimulatedSocket on, int bytes) {
    if (on == socket) {
      call(e -> e.written(bytes));
    }
  }

  @Override
  public void lost(SimulatedSocket on, String reason) {
    if (on == socket && !socketGone) {
      call(e -> e.socketLost(reason));
      socketGone = true;
    }
  }

  // What the course of events does.

  void open(Opener opener) {
    openers.add(opener);
    if (established) {
      opener.onMayOpen();
    }
  }

  /** What is done with streams of the peer, in place of what the seed says. */
  void acceptWith(Supplier<StreamPlan> plans) {
    acceptPlans = plans;
  }

  void drain() {
    drained = true;
    call(e -> e.drain("the scenario says so"));
  }

  void close(ErrorCode code) {
    if (end == null) {
      closedWith = code;
      call(e -> e.close(code, "the scenario says so"));
    }
  }

  void abort() {
    if (end == null) {
      closedWith = ErrorCode.ABORTED;
      call(e -> e.abort("the scenario says so"));
    }
  }

  // For the application.

  VirtualTime time() {
    return time;
  }

  boolean dialer() {
    return dialer;
  }

  Side peer() {
    return peer;
  }

  StreamApp app(int streamId) {
    return apps.get(streamId);
  }

  Collection<StreamApp> apps() {
    return apps.values();
  }

  int sendBuffer() {
    return config.streams().sendBuffer();
  }

  boolean drained() {
    return drained;
  }

  boolean over() {
    return end != null;
  }

  /** An application acts some time after the event that wakes it. */
  void soon(Runnable action) {
    after(scenario.wakeDelay() == 0 ? 0 : random.nextLong(scenario.wakeDelay()), action);
  }

  void after(long delay, Runnable action) {
    time.at(time.now() + delay, action);
  }

  StreamApp add(Stream stream, StreamPlan plan) {
    StreamApp app = new StreamApp(this, stream, plan, random.split());
    stream.owner(app);
    check(apps.put(stream.id(), app) == null, "%s: %s twice", this, stream);
    return app;
  }

  boolean refusesOpening() {
    return !established || drained || peerGoingAway || end != null;
  }

  boolean endedWith(ErrorCode code) {
    EngineEnd how = engine.end();
    return how != null && code == (how.orderly() ? ErrorCode.GOING_AWAY : how.code());
  }

  // Events.

  @Override
  public void opened(Stream stream) {
    checkEvent();
    check(stream.owner() == null && !stream.local(), "%s: %s opened twice", this, stream);
    add(stream, acceptPlans.get()).start();
    long open = apps.values().stream().filter(app -> !app.local() && !app.released()).count();
    check(open <= config.streams().streams(), "%s: %d streams of the peer", this, open);
  }

  @Override
  public void readable(Stream stream) {
    of(stream).onReadable();
  }

  @Override
  public void writable(Stream stream) {
    of(stream).onWritable();
  }

  @Override
  public void closed(Stream stream) {
    of(stream).onClosed();
  }

  @Override
  public void mayOpen() {
    checkEvent();
    openers.forEach(Opener::onMayOpen);
  }

  @Override
  public void established() {
    checkEvent();
    check(!established, "%s: established twice", this);
    established = true;
    openers.forEach(Opener::onMayOpen);
  }

  @Override
  public void pinged(byte[] data) {
    checkEvent();
    check(data.length == peer.config.pingData().length, "%s: the ping's data changed", this);
  }

  @Override
  public void ponged(byte[] data, long roundTripNanos) {
    checkEvent();
    check(roundTripNanos > 0, "%s: a round trip of %d ns", this, roundTripNanos);
    check(data.length == config.pingData().length, "%s: the pong's data changed", this);
  }

  @Override
  public void peerGoingAway() {
    checkEvent();
    check(!peerGoingAway && peer.drained, "%s: GOAWAY twice or out of nothing", this);
    peerGoingAway = true;
  }

  @Override
  public void ended(EngineEnd how) {
    checkEvent();
    end = how;
    check(endJustified(how), "%s: ended without reason: %s", this, how);
  }

  private void checkEvent() {
    check(end == null, "%s: an event after the end", this);
    check(inEngine, "%s: an event out of nothing", this);
  }

  private StreamApp of(Stream stream) {
    checkEvent();
    check(stream.owner() != null, "%s: an event of %s before it was opened", this, stream);
    return (StreamApp) stream.owner();
  }

  private boolean endJustified(EngineEnd how) {
    if (how.byPeer() && how.code() != ErrorCode.CONNECTION_LOST) {
      return peer.end != null && !peer.end.byPeer() && peer.end.code() == how.code();
    }
    return switch (how.code()) {
      case NO_ERROR, GOING_AWAY, ABORTED, INTERNAL_ERROR -> how.code() == closedWith;
      case CONNECTION_LOST -> true;
      case HEARTBEAT_TIMEOUT ->
          time.now() - lastArrival >= config.heartbeatIdle() + config.heartbeatTimeout();
      case HANDSHAKE_TIMEOUT -> time.now() - startedAt >= config.handshakeTimeout();
      default -> false;
    };
  }

  // What must hold.

  private void checkBounds() {
    int transit = config.transit() + CONTROL_RESERVE;
    check(engine.inTransit() <= transit, "%s: %d in transit", this, engine.inTransit());
    check(engine.inTransit() >= 0, "%s: %d in transit", this, engine.inTransit());
    long replay = (long) config.replayBuffer() + Wire.MAX_PACKET;
    check(engine.replayBytes() <= replay, "%s: %d kept", this, engine.replayBytes());
  }

  /** Apart from the rest, because it looks at every stream. */
  private void checkWindows() {
    StreamLimits limits = config.streams();
    long growth = 0;
    for (Stream stream : engine.streams().active()) {
      boolean within =
          stream.readable() <= stream.window()
              && stream.window() <= limits.maxWindow()
              && stream.unsent() <= limits.sendBuffer();
      if (!within) {
        throw new SimulationFailure(
            this
                + " "
                + stream
                + ": "
                + stream.readable()
                + " unread in a window of "
                + stream.window()
                + ", "
                + stream.unsent()
                + " unsent");
      }
      growth += stream.window() - limits.window();
    }
    check(growth <= limits.growthBudget(), "%s: windows grew by %d", this, growth);
  }

  /** Nothing happens any more: then nobody may wait for anything but what the scenario withheld. */
  void checkNotStalled() {
    check(established, "%s: the handshake is stuck", this);
    apps.values().forEach(StreamApp::checkNotStalled);
    check(!drained || monitor.goAwayDecided(), "%s: the drain was not decided", this);
    check(!refusesOpening() || openersDone(), "%s: an opener waits in vain", this);
    long held = peer.apps.values().stream().filter(app -> !app.local() && !app.gone()).count();
    boolean credit = held < peer.config.streams().streams();
    check(!credit || openersDone(), "%s: a stream could be opened, but nobody said so", this);
    check(engine.replayBytes() == 0, "%s: %d never acknowledged", this, engine.replayBytes());
  }

  void checkAllGone() {
    apps.values().forEach(StreamApp::checkGone);
    check(engine.streams().active().isEmpty(), "%s: streams are left", this);
  }

  boolean allGone() {
    return openersDone() && apps.values().stream().allMatch(StreamApp::gone);
  }

  boolean openersDone() {
    return openers.stream().allMatch(Opener::done);
  }

  void checkEnded() {
    check(end != null, "%s: has not ended", this);
    check(engine.deadline() == Long.MAX_VALUE, "%s: a timer after the end", this);
    check(engine.replayBytes() == 0, "%s: replay after the end", this);
    check(!engine.accepting() && !engine.mayOpen(), "%s: opens after the end", this);
    check(openersDone(), "%s: an opener was not told of the end", this);
    checkAllGone();
  }

  EngineEnd end() {
    return end;
  }

  WireMonitor monitor() {
    return monitor;
  }

  @Override
  public String toString() {
    return dialer ? "dialer  " : "acceptor";
  }
}
