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
  private final SimulatedProcess process;
  private final Driver driver;
  private final LinkRules link;
  private final Map<Integer, StreamApp> apps = new TreeMap<>();
  private final List<Opener> openers = new ArrayList<>();
  private final long startedAt;

  private Supplier<StreamPlan> acceptPlans;
  private Side peer;
  private Network network;

  /** Null at the acceptor. */
  private Dialing dialing;

  private boolean established;
  private boolean peerGoingAway;
  private boolean drained;
  private EngineEnd end;
  private ErrorCode closedWith;

  Side(
      boolean dialer,
      Scenario scenario,
      VirtualTime time,
      SimulatedProcess process,
      SplittableRandom random) {
    this.dialer = dialer;
    this.config = dialer ? scenario.dialer() : scenario.acceptor();
    this.scenario = scenario;
    this.time = time;
    this.random = random;
    this.process = process;
    this.driver = new Driver(dialer, config, scenario.pumpDelay(), time, process, random.split());
    this.link = new LinkRules(this, time);
    this.acceptPlans = () -> StreamPlan.of(random, scenario.largestStream());
    this.startedAt = time.now();
  }

  void connect(Side other, Network through, SimulatedSocket on, Consumer<String> log) {
    peer = other;
    network = through;
    dialing = dialer ? new Dialing(this, through, random.split()) : null;
    driver.start(on, this, link::taken, log);
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

  /** Dialer: takes another socket, though the old one seems alive. */
  void move() {
    process.run(() -> dialing.move());
  }

  void pause(long nanos) {
    process.pause(nanos);
  }

  /** What is done with streams of the peer, in place of what the seed says. */
  void acceptWith(Supplier<StreamPlan> plans) {
    acceptPlans = plans;
  }

  void drain() {
    process.run(this::drainNow);
  }

  private void drainNow() {
    drained = true;
    call(e -> e.drain("the scenario says so"));
  }

  void close(ErrorCode code) {
    process.run(() -> closeNow(code));
  }

  private void closeNow(ErrorCode code) {
    if (end == null) {
      closedWith = code;
      call(e -> e.close(code, "the scenario says so"));
    }
  }

  void abort() {
    process.run(this::abortNow);
  }

  private void abortNow() {
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

  /** Nothing will happen here any more. */
  boolean over() {
    return end != null || dead();
  }

  /** Whether the process has died, and with it everything it knew. */
  boolean dead() {
    return process.dead();
  }

  boolean isEstablished() {
    return established;
  }

  EngineConfig config() {
    return config;
  }

  Scenario scenario() {
    return scenario;
  }

  /** How it ended, or null. */
  EngineEnd end() {
    return end;
  }

  ErrorCode closedWith() {
    return closedWith;
  }

  long startedAt() {
    return startedAt;
  }

  /** An application acts some time after the event that wakes it. */
  void soon(Runnable action) {
    after(scenario.wakeDelay() == 0 ? 0 : random.nextLong(scenario.wakeDelay()), action);
  }

  void after(long delay, Runnable action) {
    time.at(time.now() + delay, () -> process.run(action));
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
    link.established();
    openers.forEach(Opener::onMayOpen);
  }

  @Override
  public void welcoming(String connectionId) {
    checkEvent();
    link.welcoming();
    network.register(connectionId, driver);
  }

  @Override
  public void detached(String reason) {
    checkEvent();
    link.detached();
    withoutSocket();
  }

  @Override
  public void resumeFailed(String reason) {
    checkEvent();
    link.resumeFailed();
    withoutSocket();
  }

  private void withoutSocket() {
    driver.dropSocket();
    if (dialer) {
      dialing.again();
    }
  }

  @Override
  public void resumed(long outageNanos, int packets, long bytes) {
    checkEvent();
    link.resumed(outageNanos, packets, bytes);
    driver.dropPrevious();
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
    link.ended(how);
    network.forget(driver);
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
    apps.values().forEach(StreamApp::checkNeverArrived);
    if (dead()) {
      return;
    }
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
