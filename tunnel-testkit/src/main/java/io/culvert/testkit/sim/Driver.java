package io.culvert.testkit.sim;

import static io.culvert.testkit.sim.SimulationFailure.check;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.Wire;
import io.culvert.stream.Stream;
import io.culvert.stream.StreamLimits;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/** Drives one engine over a socket by its documented rules, and watches its bounds. */
final class Driver implements SimulatedSocket.Callbacks {
  /** Beyond the transit bound control may go, by documentation of the engine. */
  private static final int CONTROL_RESERVE = 16 * 1024;

  private final boolean dialer;
  private final EngineConfig config;
  private final long pumpDelay;
  private final VirtualTime time;
  private final SplittableRandom random;
  private final WireMonitor monitor;

  private Engine engine;
  private SimulatedSocket socket;
  private boolean inEngine;
  private boolean pumping;
  private boolean socketGone;
  private long lastArrival;
  private long timerAt = -1;

  Driver(
      boolean dialer,
      EngineConfig config,
      long pumpDelay,
      VirtualTime time,
      SplittableRandom random) {
    this.dialer = dialer;
    this.config = config;
    this.pumpDelay = pumpDelay;
    this.time = time;
    this.random = random;
    this.monitor = new WireMonitor(dialer);
    this.lastArrival = time.now();
  }

  void start(SimulatedSocket on, EngineEvents events, Consumer<String> log) {
    socket = on;
    engine =
        dialer
            ? Engine.dialer(config, Map.of("seed", "x"), random.split(), events, time.now())
            : Engine.acceptor(config, random.split(), events, time.now());
    if (log != null) {
      engine.packetLog(line -> log.accept(this + " " + line));
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
      time.housekeepingAt(time.now() + random.nextLong(pumpDelay), this::pump);
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
    if (engine.end() != null) {
      leave(idle);
    } else if (engine.inTransit() < config.transit()) {
      monitor.settled(time.now(), pumpDelay + VirtualTime.MILLIS);
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
    if (engine.end().abortSocket()) {
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
    if (engine.end() == null) {
      monitor.delivered(message, time.now());
    }
    call(e -> e.receive(e.socket(), message, time.now()));
    checkWindows();
  }

  @Override
  public void written(SimulatedSocket on, int bytes) {
    if (on == socket) {
      call(e -> e.written(e.socket(), bytes));
    }
  }

  @Override
  public void lost(SimulatedSocket on, String reason) {
    if (on == socket && !socketGone) {
      call(e -> e.socketLost(e.socket(), reason, time.now()));
      socketGone = true;
    }
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
