package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.Frame;
import io.culvert.frame.Wire;
import io.culvert.link.LinkState;
import io.culvert.stream.Stream;
import io.culvert.stream.StreamLimits;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/** Drives one engine over its sockets by its documented rules, and watches its bounds. */
final class Driver implements SimulatedSocket.Callbacks {
  /** Beyond the transit bound control may go, by documentation of the engine. */
  private static final int CONTROL_RESERVE = 16 * 1024;

  /** A socket that is of no use any more may still say something for this long. */
  private static final long LINGER = VirtualTime.SECONDS;

  private final boolean dialer;
  private final EngineConfig config;
  private final long pumpDelay;
  private final VirtualTime time;
  private final SimulatedProcess process;
  private final SplittableRandom random;
  private final WireMonitor monitor;

  /**
   * The engine's numbers of the sockets, 0 for those that came too late; they are kept, because old
   * ones go on talking.
   */
  private final Map<SimulatedSocket, Integer> numbers = new HashMap<>();

  private Engine engine;
  private Runnable onTake = () -> {};
  private SimulatedSocket socket;

  /** The one before, until the newest carries the link; null if there is none. */
  private SimulatedSocket previous;

  private int taken;
  private boolean inEngine;
  private boolean pumping;

  /** Nothing more is sent on the newest socket. */
  private boolean socketGone;

  private long lastArrival;
  private VirtualTime.Event timer;
  private long timerAt = -1;
  private LinkState timerState = LinkState.CLOSED;

  Driver(
      boolean dialer,
      EngineConfig config,
      long pumpDelay,
      VirtualTime time,
      SimulatedProcess process,
      SplittableRandom random) {
    this.dialer = dialer;
    this.config = config;
    this.pumpDelay = pumpDelay;
    this.time = time;
    this.process = process;
    this.random = random;
    this.monitor = new WireMonitor(dialer);
    this.lastArrival = time.now();
  }

  /**
   * @param whenTaken called when a socket begins to carry the link in the place of another
   */
  void start(SimulatedSocket on, EngineEvents events, Runnable whenTaken, Consumer<String> log) {
    engine =
        dialer
            ? Engine.dialer(config, Map.of("seed", "x"), random.split(), events, time.now())
            : Engine.acceptor(config, random.split(), events, time.now());
    carriedBy(on, engine.socket());
    onTake = whenTaken;
    if (log != null) {
      engine.packetLog(line -> log.accept(this + " #" + socket.number() + " " + line));
    }
    call(e -> {});
  }

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
    if (pumpDelay == 0) {
      pump();
    } else if (!pumping) {
      pumping = true;
      time.housekeepingAt(time.now() + random.nextLong(pumpDelay), () -> process.run(this::pump));
    }
    return result;
  }

  private void pump() {
    pumping = false;
    if (!socketGone) {
      send();
    }
    armTimer();
  }

  private void send() {
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
    if (engine.end() != null) {
      leave(idle);
    } else if (engine.inTransit() < config.transit()) {
      monitor.settled(time.now(), pumpDelay + VirtualTime.MILLIS);
    }
  }

  private ByteBuffer poll() {
    inEngine = true;
    ByteBuffer packet = engine.poll(time.now());
    inEngine = false;
    return packet;
  }

  private void leave(boolean allHandedOut) {
    if (engine.end().abortSocket()) {
      socketGone = true;
      socket.cut("the " + this + " has aborted the WebSocket");
    } else if (allHandedOut && engine.inTransit() == 0) {
      socketGone = true;
      socket.close(dialer);
    }
  }

  private void armTimer() {
    long deadline = engine.deadline();
    if (deadline == timerAt && engine.state() == timerState) {
      return;
    }
    if (timer != null) {
      timer.cancel();
    }
    timerAt = deadline;
    timerState = engine.state();
    if (deadline != Long.MAX_VALUE) {
      long at = deadline + random.nextLong(VirtualTime.MILLIS);
      Runnable action = () -> process.run(() -> tick(deadline));
      // Without a socket the end of the resume time is what everybody waits for.
      boolean quiet = timerState == LinkState.ATTACHED;
      timer = quiet ? time.housekeepingAt(at, action) : time.at(at, action);
    }
  }

  private void tick(long deadline) {
    if (deadline != timerAt) {
      return;
    }
    timerAt = -1;
    call(e -> e.tick(time.now()));
    if (!pumping) {
      check(engine.deadline() > time.now(), "%s: the timer would spin", this);
    }
  }

  // Sockets that come and go.

  /** Dialer: a new socket has opened. */
  void opened(SimulatedSocket on) {
    int number = engine.resume(time.now());
    if (number == 0) {
      numbers.put(on, 0);
      on.cut("nobody needs it any more");
    } else {
      carriedBy(on, number);
      call(e -> {});
    }
  }

  /** Acceptor: a new socket has brought this. Returns whether it carries the link from here on. */
  boolean resume(SimulatedSocket on, ByteBuffer message, Frame.Resume frame) {
    inEngine = true;
    int number = engine.resume(frame, time.now());
    inEngine = false;
    boolean newer = frame.epoch() > monitor.epoch();
    check(number == 0 || newer, "%s: epoch %d was taken again", this, frame.epoch());
    if (number == 0) {
      return false;
    }
    carriedBy(on, number);
    lastArrival = time.now();
    monitor.delivered(message, time.now());
    call(e -> {});
    return true;
  }

  private void carriedBy(SimulatedSocket on, int number) {
    check(numbers.put(on, number) == null, "%s: a socket was taken twice", this);
    check(number == ++taken, "%s: number %d is not the next", this, number);
    linger(previous);
    previous = socketGone ? null : socket;
    socket = on;
    socketGone = false;
    monitor.onNewSocket();
    onTake.run();
  }

  /** The link has let go of its newest socket. */
  void dropSocket() {
    socketGone = true;
    linger(socket);
    dropPrevious();
  }

  void dropPrevious() {
    linger(previous);
    previous = null;
  }

  private void linger(SimulatedSocket old) {
    if (old != null) {
      long until = random.nextBoolean() ? 0 : random.nextLong(LINGER);
      time.at(time.now() + until, () -> old.cut("the " + this + " has dropped the WebSocket"));
    }
  }

  /** The newest socket, which may be gone. */
  SimulatedSocket socket() {
    return socket;
  }

  @Override
  public void received(SimulatedSocket on, ByteBuffer message) {
    process.run(() -> take(on, message));
  }

  private void take(SimulatedSocket on, ByteBuffer message) {
    boolean carries = on == socket && engine.end() == null && !socketGone;
    if (carries) {
      lastArrival = time.now();
      monitor.delivered(message, time.now());
    }
    call(e -> e.receive(numbers.get(on), message, time.now()));
    checkWindows();
  }

  @Override
  public void written(SimulatedSocket on, int bytes) {
    process.run(() -> call(e -> e.written(numbers.get(on), bytes)));
  }

  @Override
  public void lost(SimulatedSocket on, String reason) {
    process.run(
        () -> {
          socketGone |= on == socket;
          call(e -> e.socketLost(numbers.get(on), reason, time.now()));
        });
  }

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

  boolean inEngine() {
    return inEngine;
  }

  /** The engine, to look at. */
  Engine engine() {
    return engine;
  }

  WireMonitor monitor() {
    return monitor;
  }

  /** When the last message came. */
  long lastArrival() {
    return lastArrival;
  }

  @Override
  public String toString() {
    return dialer ? "dialer  " : "acceptor";
  }
}
