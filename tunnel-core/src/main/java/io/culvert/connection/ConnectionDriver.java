package io.culvert.connection;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.ErrorCode;
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
 * Drives one engine with a WebSocket, a timer and the threads that use its streams.
 *
 * <p>One lock guards the engine and all state here. Whoever holds it takes note of what is to
 * follow; {@link #leave} unlocks and then does it: wakes callbacks, hands over streams, sends
 * packets.
 */
final class ConnectionDriver implements WebSocketListener {
  private static final Logger LOG = LoggerFactory.getLogger(ConnectionDriver.class);
  private static final Logger PACKETS = LoggerFactory.getLogger("io.culvert.packets");

  /** How long the close handshake of the WebSocket may take before the socket is dropped. */
  private static final Duration SOCKET_CLOSE_TIMEOUT = Duration.ofSeconds(5);

  /** Makes the engine once the WebSocket is open, because that is when its clocks begin. */
  interface EngineMaker {
    Engine make(EngineEvents events, long now);
  }

  private final ConnectionRuntime runtime;
  private final EngineMaker maker;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Pump pump = new Pump(this);

  // All below is guarded by the lock.
  private final Arrivals arrivals = new Arrivals();
  private final EngineObserver observer;
  private final Alarm alarm;

  /** What {@link #leave} is to run. */
  private final List<Runnable> wakes = new ArrayList<>();

  private WebSocket socket;
  private boolean socketClosed;

  /** Null until the WebSocket is open. */
  private Engine engine;

  ConnectionDriver(
      ConnectionRuntime runtime,
      EngineMaker maker,
      EngineConnection connection,
      ConnectionListener listener) {
    this.runtime = runtime;
    this.maker = maker;
    this.observer = new EngineObserver(this, connection, listener);
    this.alarm = new Alarm(runtime, this::onTimer);
  }

  ConnectionRuntime runtime() {
    return runtime;
  }

  ReentrantLock lock() {
    return lock;
  }

  /** Signalled when the handshake is over, streams may be opened, or streams or the socket end. */
  Condition changed() {
    return changed;
  }

  // To be called with the lock held.

  /** Null until the WebSocket is open. */
  Engine engine() {
    return engine;
  }

  /** The WebSocket, open or not; null before it was opened. */
  WebSocket socket() {
    return socket;
  }

  boolean socketClosed() {
    return socketClosed;
  }

  /** How the connection ended, or null. */
  EngineEnd end() {
    return engine == null ? null : engine.end();
  }

  /** Whether nothing more will happen, also if nothing ever did. */
  boolean hasEnded() {
    return engine == null ? socketClosed : engine.end() != null;
  }

  /** Whether the handshake is complete, or was before the end. */
  boolean isEstablished() {
    return observer.isEstablished();
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
        alarm.set(engine.deadline(), now);
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

  /** Ends the connection and drops its socket, even in the middle of a close. */
  void abort(String reason) {
    lock.lock();
    try {
      if (engine != null) {
        engine.abort(reason);
        if (!socketClosed) {
          wakes.add(socket::abort);
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

  // The WebSocket's callbacks, on the reader thread.

  @Override
  public void onOpen(WebSocket webSocket) {
    lock.lock();
    try {
      socket = webSocket;
      engine = maker.make(observer, runtime.now());
      if (PACKETS.isTraceEnabled()) {
        engine.packetLog(PACKETS::trace);
      }
    } finally {
      leave(false);
    }
  }

  @Override
  public void onBinary(ByteBuffer message) {
    lock.lock();
    try {
      engine.receive(message, runtime.now());
      deliverArrivals();
    } finally {
      leave(false);
    }
  }

  @Override
  public void onText(ByteBuffer message) {
    lock.lock();
    try {
      engine.violated(ErrorCode.PROTOCOL_ERROR, "expected binary messages but got a text message");
    } finally {
      leave(false);
    }
  }

  @Override
  public void onClose(int code, String reason) {
    lock.lock();
    try {
      socketClosed = true;
      if (engine != null) {
        engine.socketLost(
            "the WebSocket ended with code " + code + (reason.isEmpty() ? "" : ": " + reason));
      }
      alarm.cancel();
      changed.signalAll(); // the socket is closed
    } finally {
      leave(false);
    }
  }
}
