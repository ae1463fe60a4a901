package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.ErrorCode;
import io.culvert.stream.Stream;
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
final class Side implements EngineEvents {
  private final boolean dialer;
  private final EngineConfig config;
  private final Scenario scenario;
  private final VirtualTime time;
  private final SplittableRandom random;
  private final Driver driver;
  private final Map<Integer, StreamApp> apps = new TreeMap<>();
  private final List<Opener> openers = new ArrayList<>();
  private final long startedAt;

  private Supplier<StreamPlan> acceptPlans;
  private Side peer;
  private boolean established;
  private boolean peerGoingAway;
  private boolean drained;
  private EngineEnd end;
  private ErrorCode closedWith;

  Side(boolean dialer, Scenario scenario, VirtualTime time, SplittableRandom random) {
    this.dialer = dialer;
    this.config = dialer ? scenario.dialer() : scenario.acceptor();
    this.scenario = scenario;
    this.time = time;
    this.random = random;
    this.driver = new Driver(dialer, config, scenario.pumpDelay(), time, random.split());
    this.acceptPlans = () -> StreamPlan.of(random, scenario.largestStream());
    this.startedAt = time.now();
  }

  void connect(Side other, SimulatedSocket on, Consumer<String> log) {
    peer = other;
    driver.start(on, this, log);
  }

  void call(Consumer<Engine> action) {
    driver.call(action);
  }

  <T> T get(Function<Engine, T> action) {
    return driver.get(action);
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
    EngineEnd how = driver.engine().end();
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
  public void welcoming(String connectionId) {}

  @Override
  public void detached(String reason) {}

  @Override
  public void resumeFailed(String reason) {}

  @Override
  public void resumed(long outageNanos, int packets, long bytes) {}

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
    check(driver.inEngine(), "%s: an event out of nothing", this);
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
          time.now() - driver.lastArrival() >= config.heartbeatIdle() + config.heartbeatTimeout();
      case HANDSHAKE_TIMEOUT -> time.now() - startedAt >= config.handshakeTimeout();
      default -> false;
    };
  }

  // What must hold.

  /** Nothing happens any more: then nobody may wait for anything but what the scenario withheld. */
  void checkNotStalled() {
    check(established, "%s: the handshake is stuck", this);
    apps.values().forEach(StreamApp::checkNotStalled);
    check(!drained || driver.monitor().goAwayDecided(), "%s: the drain was not decided", this);
    check(!refusesOpening() || openersDone(), "%s: an opener waits in vain", this);
    long held = peer.apps.values().stream().filter(app -> !app.local() && !app.gone()).count();
    boolean credit = held < peer.config.streams().streams();
    check(!credit || openersDone(), "%s: a stream could be opened, but nobody said so", this);
    check(
        driver.engine().replayBytes() == 0,
        "%s: %d never acknowledged",
        this,
        driver.engine().replayBytes());
  }

  void checkAllGone() {
    apps.values().forEach(StreamApp::checkGone);
    check(driver.engine().streams().active().isEmpty(), "%s: streams are left", this);
  }

  boolean allGone() {
    return openersDone() && apps.values().stream().allMatch(StreamApp::gone);
  }

  boolean openersDone() {
    return openers.stream().allMatch(Opener::done);
  }

  void checkEnded() {
    check(end != null, "%s: has not ended", this);
    check(driver.engine().deadline() == Long.MAX_VALUE, "%s: a timer after the end", this);
    check(driver.engine().replayBytes() == 0, "%s: replay after the end", this);
    check(
        !driver.engine().accepting() && !driver.engine().mayOpen(),
        "%s: opens after the end",
        this);
    check(openersDone(), "%s: an opener was not told of the end", this);
    checkAllGone();
  }

  Driver driver() {
    return driver;
  }

  @Override
  public String toString() {
    return driver.toString();
  }
}
