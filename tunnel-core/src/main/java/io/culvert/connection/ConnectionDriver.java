package io.culvert.connection;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Frame;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives one engine with the WebSockets that carry it one after the other, a timer and the threads
 * that use its streams.
 *
 * <p>One lock guards the engine and all state here. Whoever holds it takes note of what is to
 * follow; {@link #leave} unlocks and then does it: wakes callbacks, hands over streams, sends
 * packets.
 */
final class ConnectionDriver {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionDriver.class);
  private static final Logger PACKETS = LoggerFactory.getLogger("io.culvert.packets");

  /** How long the close handshake of the WebSocket may take before the socket is dropped. */
  private static final Duration SOCKET_CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /** Makes the engine once the WebSocket is open, because that is when its clocks begin. */
  interface EngineMaker {
    Engine make(EngineEvents events, long now);
  }

  /** Where an acceptor's connection can be found by its id. */
  record Registration(Links links, String principal) {}

  private final ConnectionRuntime runtime;
  private final EngineMaker maker;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Pump pump = new Pump(this);
  private final OutageClock outages;

  // All below is guarded by the lock.
  private final Arrivals arrivals = new Arrivals();
  private final EngineObserver observer;
  private final Alarm alarm;

  /** What {@link #leave} is to run. */
  private final List<Runnable> wakes = new ArrayList<>();

  private final SocketSlot slot = new SocketSlot(wakes::add);

  /** Null until the WebSocket is open. */
  private Engine engine;

  ConnectionDriver(
      ConnectionRuntime runtime,
      EngineMaker maker,
      EngineConnection connection,
      ConnectionListener listener,
      Registration registration) {
    this.runtime = runtime;
    this.maker = maker;
    this.outages = new OutageClock(runtime::now);
    this.observer = new EngineObserver(this, connection, listener, registration);
    this.alarm = new Alarm(runtime, this::onTimer);
  }

  ConnectionRuntime runtime() {
    return runtime;
  }

  ReentrantLock lock() {
    return lock;
  }

  /** How long the connection was without a WebSocket; to be read without the lock, too. */
  OutageClock outages() {
    return outages;
  }

  /** Signalled when the handshake is over, streams may be opened, or streams or the socket end. */
  Condition changed() {
    return changed;
  }

  // To be called with the lock held.

  /** Null until the first WebSocket is open. */
  Engine engine() {
    return engine;
  }

  /** The WebSockets that carry the connection. */
  SocketSlot slot() {
    return slot;
  }

  /** How the connection ended, or null. */
  EngineEnd end() {
    return engine == null ? null : engine.end();
  }

  /** Whether nothing more will happen, also if nothing ever did. */
  boolean hasEnded() {
    return engine == null ? slot.closed() : engine.end() != null;
  }

  /** Whether the handshake is complete, or was before the end. */
  boolean isEstablished() {
    return observer.isEstablished();
  }

  LinkStatistics statistics() {
    return observer.statistics();
  }

  Arrivals arrivals() {
    return arrivals;
  }

  /** {@link #leave} will run it. */
  void wakeLater(Runnable wake) {
    wakes.add(wake);
  }

  void deliverArrivals() {
    if (engine != null && engine.end() == null) {
      arrivals.deliver(engine.streams(), wakes::add);
    }
  }

  /** Looks at something under the lock; changes nothing. */
  <T> T locked(Supplier<T> value) {
    lock.lock();
    try {
      return value.get();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Unlocks, then does what the state change asks for.
   *
   * @param pumps whether the calling thread may write packets; the reader thread and the timer may
   *     not, because writing may wait
   */
  void leave(boolean pumps) {
    if (lock.getHoldCount() > 1) {
      lock.unlock();
      return;
    }
    boolean work = false;
    Runnable[] run = null;
    try {
      if (engine != null) {
        long now = runtime.now();
        work = !pump.finished() && (engine.hasWork(now) || engine.end() != null);
        if (engine.end() == null) {
          alarm.set(engine.deadline(), now);
        } else {
          alarm.cancel();
        }
      }
      if (!wakes.isEmpty()) {
        run = wakes.toArray(new Runnable[0]);
        wakes.clear();
      }
    } finally {
      lock.unlock();
    }
    if (run != null) {
      runAll(run);
    }
    if (work) {
      if (pumps) {
        pump.run();
      } else {
        pump.schedule();
      }
    }
  }

  /** The time for setting a handler is over. */
  void decideHandler() {
    lock.lock();
    try {
      arrivals.decide();
      deliverArrivals();
    } finally {
      leave(false);
    }
  }

  /** A wake that fails must not keep others, or packets, from going their way. */
  private static void runAll(Runnable[] wakes) {
    for (Runnable wake : wakes) {
      try {
        wake.run();
      } catch (RuntimeException | Error e) {
        // An Error too: those behind it would wait for ever, and this may be any stream's thread.
        LOG.warn("A wake-up of a stream has failed", e);
      }
    }
  }

  /** Ends the connection; in the middle of a close, drops its socket. */
  void abort(String reason) {
    lock.lock();
    try {
      if (engine != null) {
        boolean closing = engine.end() != null;
        engine.abort(reason);
        if (closing) {
          slot.abort();
        }
      }
    } finally {
      leave(true);
    }
  }

  /**
   * Called by the pump, once, when the connection has ended and its last packet was handed over.
   */
  void finishSocket(WebSocket webSocket, EngineEnd end) {
    if (end.abortSocket()) {
      webSocket.abort();
      return;
    }
    webSocket.close(CloseCodes.of(end), CloseCodes.reason(end.reason()));
    if (!runtime.later(SOCKET_CLOSE_TIMEOUT, webSocket::abort)) {
      webSocket.abort(); // the runtime is closed: nobody would bound the close handshake
    }
  }

  private void onTimer() {
    lock.lock();
    try {
      alarm.fired();
      engine.tick(runtime.now());
    } finally {
      leave(false);
    }
  }

  // WebSockets that come and go.

  /** Lock held: the newest WebSocket is of no use any more. */
  void dropSocket() {
    slot.drop();
    changed.signalAll(); // the socket is closed
  }

  /** Lock held: from here on this one carries the link. */
  private void takeSocket(WebSocket next) {
    if (engine.end() == null) {
      outages.begin(); // nothing passes until the handshake on it is complete
    }
    slot.take(next);
  }

  /** The acceptor's: its socket is another connection's. */
  void abandon() {
    lock.lock();
    try {
      slot.close();
      engine.close(ErrorCode.NO_ERROR, "its WebSocket carries another connection");
    } finally {
      leave(false);
    }
  }

  /** What the first WebSocket calls, and a dialer's next one. */
  WebSocketListener nextSocket() {
    return new Carrier();
  }

  /** The acceptor's: what the WebSocket that brought this frame calls; null if it gets nothing. */
  WebSocketListener resume(WebSocket webSocket, Frame.Resume frame) {
    lock.lock();
    try {
      int number = engine.resume(frame, runtime.now());
      if (number == 0) {
        return null;
      }
      takeSocket(webSocket);
      slot.dropPrevious();
      return new Carrier(number);
    } finally {
      leave(false);
    }
  }

  /** The callbacks of one WebSocket, on its reader thread. */
  private final class Carrier implements WebSocketListener {
    /** 0: it carries nothing. */
    private int number;

    /** It is to carry the connection from when it opens. */
    Carrier() {}

    /** Of an acceptor: it is open, and the engine knows it. */
    Carrier(int number) {
      this.number = number;
    }

    @Override
    public void onOpen(WebSocket webSocket) {
      lock.lock();
      try {
        number = engine == null ? begin(webSocket) : resume(webSocket);
      } finally {
        leave(false);
      }
    }

    @Override
    public void onBinary(ByteBuffer message) {
      received(number, message);
    }

    @Override
    public void onText(ByteBuffer message) {
      receivedText(number);
    }

    @Override
    public void onClose(int code, String reason) {
      closed(number, code, reason);
    }
  }

  /** Lock held: the first WebSocket has opened. Returns its number. */
  private int begin(WebSocket webSocket) {
    slot.take(webSocket);
    engine = maker.make(observer, runtime.now());
    if (PACKETS.isTraceEnabled()) {
      engine.packetLog(PACKETS::trace);
    }
    return engine.socket();
  }

  /** Lock held: a dialer's next WebSocket has opened. Returns its number; 0: it carries nothing. */
  private int resume(WebSocket webSocket) {
    int number = engine.resume(runtime.now());
    if (number > 0) {
      takeSocket(webSocket);
    } else {
      wakes.add(webSocket::abort); // the connection has ended meanwhile
    }
    return number;
  }

  private void received(int number, ByteBuffer message) {
    lock.lock();
    try {
      engine.receive(number, message, runtime.now());
      deliverArrivals();
    } finally {
      leave(false);
    }
  }

  private void receivedText(int number) {
    lock.lock();
    try {
      engine.violated(
          number,
          ErrorCode.PROTOCOL_ERROR,
          "expected binary messages but got a text message",
          runtime.now());
    } finally {
      leave(false);
    }
  }

  private void closed(int number, int code, String reason) {
    lock.lock();
    try {
      if (engine == null || number == engine.socket()) {
        slot.close();
        changed.signalAll(); // the socket is closed
      }
      if (engine != null) {
        engine.socketLost(
            number,
            "the WebSocket ended with code " + code + (reason.isEmpty() ? "" : ": " + reason),
            runtime.now());
      }
    } finally {
      leave(false);
    }
  }
}
