package io.culvert.swaggersocket;

import io.culvert.connection.CloseCodes;
import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.ProtocolException;
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
 * What happens on one connection: drives it with a WebSocket, a timer and the threads that use its
 * stream.
 *
 * <p>One lock guards all state here and in the parts. Whoever holds it takes note of what is to
 * follow; {@link #leave} unlocks and then does it: wakes callbacks, hands over streams, pauses the
 * WebSocket, sends messages.
 */
final class SwaggerDriver implements WebSocketListener {
  /**
   * How long a close frame may take to arrive and be answered. The Go library answers none, so
   * waiting longer would hold up everybody who closes.
   */
  private static final Duration SOCKET_CLOSE_TIMEOUT = Duration.ofSeconds(1);

  /** How long what was said before may take besides: nobody waited for it, or not that long. */
  private static final Duration OUTPUT_TIMEOUT = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(SwaggerDriver.class);

  private final ConnectionRuntime runtime;
  private final SwaggerSettings settings;
  private final SwaggerConnection connection;
  private final SwaggerEvents events;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All below is guarded by the lock.
  private final SwaggerHandshake handshake;
  private final Exchanges exchanges = new Exchanges(this);
  private final SwaggerInput input = new SwaggerInput();
  private final SwaggerOutput output = new SwaggerOutput(this);
  private final Pauser pauser = new Pauser(this);
  private final SwaggerTimes times;

  /** What {@link #leave} is to run. */
  private final List<Runnable> wakes = new ArrayList<>();

  /** Null until the WebSocket is open. */
  private WebSocket socket;

  private boolean socketClosed;

  private boolean draining;

  /** How the connection ended; null until then. */
  private EngineEnd end;

  SwaggerDriver(
      ConnectionRuntime runtime,
      SwaggerSettings settings,
      SwaggerHandshake handshake,
      SwaggerConnection connection,
      ConnectionListener listener) {
    this.runtime = runtime;
    this.settings = settings;
    this.handshake = handshake;
    this.connection = connection;
    this.events = new SwaggerEvents(connection, listener, runtime.executor());
    this.times = new SwaggerTimes(this, runtime);
  }

  SwaggerConnection connection() {
    return connection;
  }

  SwaggerSettings settings() {
    return settings;
  }

  long now() {
    return runtime.now();
  }

  ReentrantLock lock() {
    return lock;
  }

  /** Signalled when the handshake is over, and when exchanges or the socket end. */
  Condition changed() {
    return changed;
  }

  // To be called with the lock held.

  SwaggerHandshake handshake() {
    return handshake;
  }

  Exchanges exchanges() {
    return exchanges;
  }

  SwaggerInput input() {
    return input;
  }

  SwaggerOutput output() {
    return output;
  }

  /** The WebSocket, open or not; null before it was opened. */
  WebSocket socket() {
    return socket;
  }

  boolean socketClosed() {
    return socketClosed;
  }

  EngineEnd end() {
    return end;
  }

  /** Whether the handshake is complete, or was before the end. */
  boolean isEstablished() {
    return times.heartbeat() != null;
  }

  boolean accepting() {
    return isEstablished() && end == null && !draining;
  }

  long roundTripNanos() {
    return isEstablished() ? times.heartbeat().roundTripNanos() : 0;
  }

  /** {@link #leave} will run it. */
  void wakeLater(Runnable wake) {
    wakes.add(wake);
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
   * @param sends whether the calling thread may send messages; the reader thread and the timer
   *     leave that to a worker
   */
  void leave(boolean sends) {
    if (lock.getHoldCount() > 1) {
      lock.unlock();
      return;
    }
    boolean send;
    boolean pause;
    Runnable[] run = null;
    try {
      times.set();
      pause = pauser.claim();
      send = output.claim();
      if (!wakes.isEmpty()) {
        run = wakes.toArray(new Runnable[0]);
        wakes.clear();
      }
    } finally {
      lock.unlock();
    }
    if (pause) {
      pauser.tell();
    }
    if (run != null) {
      runAll(run);
    }
    if (send) {
      if (sends) {
        output.send();
      } else {
        output.sendElsewhere(runtime);
      }
    }
  }

  /** A wake that fails must not keep others, or messages, from going their way. */
  private static void runAll(Runnable[] wakes) {
    for (Runnable wake : wakes) {
      try {
        wake.run();
      } catch (RuntimeException | Error e) {
        LOG.warn("A wake-up of a stream has failed", e);
      }
    }
  }

  // Changes; the lock is held.

  void drain() {
    draining = true;
    exchanges.turns().wakeAll();
  }

  // Ends.

  /** Ends the connection in order; the lock is held. */
  void endHere(ErrorCode code, String reason) {
    end(new EngineEnd(code, reason, false, false));
  }

  /** The first end counts; the lock is held. */
  void end(EngineEnd how) {
    if (end != null) {
      return;
    }
    end = how;
    if (how.abortSocket() || exchanges.calls()) {
      output.clear(); // a request that was not sent has failed
    }
    Duration bound = output.empty() ? SOCKET_CLOSE_TIMEOUT : OUTPUT_TIMEOUT;
    if (!how.abortSocket() && !runtime.later(bound, socket::abort)) {
      wakes.add(socket::abort); // the runtime is closed: nobody would bound the close handshake
    }
    exchanges.ended();
    changed.signalAll(); // nothing more will come
    events.ended(how);
  }

  /** Ends the connection and drops its socket, even in the middle of a close. */
  void abort(String reason) {
    lock.lock();
    try {
      if (socket != null) {
        end(new EngineEnd(ErrorCode.ABORTED, reason, false, true));
        output.clear();
        if (!socketClosed) {
          wakes.add(socket::abort);
        }
      }
    } finally {
      leave(true);
    }
  }

  /** Not under the lock: called once, when the connection has ended and all messages are out. */
  void finishSocket() {
    EngineEnd how = locked(this::end);
    if (how.abortSocket()) {
      socket.abort();
    } else {
      socket.close(CloseCodes.of(how), CloseCodes.reason(how.reason()));
    }
  }

  // The WebSocket's callbacks, on the reader thread.

  @Override
  public void onOpen(WebSocket webSocket) {
    lock.lock();
    try {
      socket = webSocket;
      times.opened();
      send(handshake.begin());
    } finally {
      leave(false);
    }
  }

  private void send(byte[] message) {
    if (message != null) {
      output.add(ByteBuffer.wrap(message), null);
    }
  }

  @Override
  public void onBinary(ByteBuffer message) {
    onText(message); // nobody cares for the opcode
  }

  @Override
  public void onText(ByteBuffer message) {
    lock.lock();
    try {
      if (end != null) {
        return;
      }
      if (!isEstablished()) {
        shakeHands(message);
      } else {
        times.heartbeat().life(now());
        if (message.hasRemaining()) { // else the end of a part that had nothing
          exchanges.received(message);
        }
      }
    } finally {
      leave(false);
    }
  }

  private void shakeHands(ByteBuffer message) {
    try {
      send(handshake.receive(message));
      if (handshake.complete()) {
        times.established();
        changed.signalAll(); // the handshake is over
        events.established(this::shown);
      }
    } catch (ProtocolException e) {
      endHere(e.code(), e.getMessage());
    }
  }

  private void shown() {
    lock.lock();
    try {
      exchanges.shown(now());
    } finally {
      leave(true);
    }
  }

  @Override
  public void onPong(ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    lock.lock();
    try {
      long nanos = isEstablished() ? times.heartbeat().ponged(now()) : -1;
      if (nanos >= 0) {
        events.ponged(bytes, nanos);
      }
    } finally {
      leave(false);
    }
  }

  @Override
  public void onClose(int code, String reason) {
    lock.lock();
    try {
      socketClosed = true;
      end(SocketEnds.of(code, reason, isEstablished() && !exchanges.underWay()));
      output.clear();
      times.cancel();
      changed.signalAll(); // the socket is closed
    } finally {
      leave(false);
    }
  }
}
