package io.culvert.connection;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.ErrorCode;
import io.culvert.stream.Stream;
import io.culvert.websocket.WebSocket;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: an engine, driven by a WebSocket's callbacks, a timer and the threads that use
 * its streams.
 *
 * <p>One lock guards the engine. Whoever holds it takes note of what is to follow; {@link #leave}
 * unlocks and then does it: wakes callbacks, hands over streams, sends packets.
 */
public final class Connection implements StreamConnection {
  /**
   * Streams that the peer opens wait for a handler to be set until the listener has seen the
   * connection, and then this long.
   */
  static final Duration HANDLER_GRACE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
  private static final Logger PACKETS = LoggerFactory.getLogger("io.culvert.packets");

  /** How long the close handshake of the WebSocket may take before the socket is dropped. */
  private static final Duration SOCKET_CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final ConnectionRuntime runtime;
  private final EngineConfig config;
  private final boolean dialer;
  private final Map<String, String> dialerMetadata;
  private final ConnectionListener listener;
  private final SerialExecutor callbacks;
  private final Pump pump = new Pump(this);

  /** Guards everything below, and the engine. */
  private final ReentrantLock lock = new ReentrantLock();

  /** Signalled when the handshake is over, when streams may be opened, and when streams end. */
  private final Condition changed = lock.newCondition();

  private WebSocket socket;
  private boolean socketClosed;

  /** Null until the WebSocket is open. */
  private Engine engine;

  private boolean established;
  private StreamHandler handler;

  /** From here on streams are refused while there is no handler, instead of waiting for one. */
  private boolean handlerDecided;

  /** Streams of the peer that wait for the handler. */
  private final List<StreamChannel> arrived = new ArrayList<>();

  /** What {@link #leave} is to run. */
  private final List<Runnable> wakes = new ArrayList<>();

  private ScheduledFuture<?> armed;
  private long armedFor = Long.MAX_VALUE;

  private Connection(
      ConnectionRuntime runtime,
      EngineConfig config,
      boolean dialer,
      Map<String, String> metadata,
      ConnectionListener listener) {
    this.runtime = runtime;
    this.config = config;
    this.dialer = dialer;
    this.dialerMetadata = metadata;
    this.listener = listener;
    this.callbacks = new SerialExecutor(runtime.executor());
  }

  /**
   * The dialer's side; {@link #socketListener} is to be given to the dial.
   *
   * @param metadata what the acceptor is told about this side
   */
  public static Connection dialer(
      ConnectionRuntime runtime,
      EngineConfig config,
      Map<String, String> metadata,
      ConnectionListener listener) {
    return new Connection(runtime, config, true, metadata, listener);
  }

  /** The acceptor's side; {@link #socketListener} is to be given to the upgrade. */
  public static Connection acceptor(
      ConnectionRuntime runtime, EngineConfig config, ConnectionListener listener) {
    return new Connection(runtime, config, false, Map.of(), listener);
  }

  /** What the WebSocket that carries this connection is to call. One WebSocket per connection. */
  public WebSocketListener socketListener() {
    return new SocketCallbacks();
  }

  /**
   * Waits until the handshake is complete.
   *
   * @throws TunnelException if the connection has ended, with the peer's reason
   * @throws InterruptedIOException if the caller was interrupted; the connection is aborted
   */
  public void awaitEstablished() throws IOException {
    lock.lock();
    try {
      // The engine's handshake timeout bounds the wait.
      while (!established && !hasEnded()) {
        changed.await();
      }
      if (!established) {
        throw failure(engine == null ? null : engine.end(), Delivered.NO);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      wakes.add(() -> abort("interrupted while waiting for the handshake"));
      throw new InterruptedIOException("interrupted while waiting for the handshake");
    } finally {
      leave(true);
    }
  }

  // Identity.

  @Override
  public String id() {
    return read(() -> established ? engine.connectionId() : "");
  }

  @Override
  public Map<String, String> metadata() {
    return read(() -> engine == null ? dialerMetadata : engine.metadata());
  }

  @Override
  public boolean dialer() {
    return dialer;
  }

  @Override
  public SocketAddress remoteAddress() {
    return read(() -> socket == null ? null : socket.remoteAddress());
  }

  @Override
  public SocketAddress localAddress() {
    return read(() -> socket == null ? null : socket.localAddress());
  }

  @Override
  public boolean secure() {
    return read(() -> socket != null && socket.secure());
  }

  /** How the connection ended, or null. */
  public EngineEnd end() {
    return read(() -> engine == null ? null : engine.end());
  }

  @Override
  public boolean accepting() {
    return read(() -> engine != null && engine.accepting());
  }

  /** The latest measured round trip; zero if none was measured. */
  public Duration roundTrip() {
    return Duration.ofNanos(read(() -> engine == null ? 0L : engine.roundTripNanos()));
  }

  /** How many streams have not ended. */
  public int activeStreams() {
    return read(() -> engine == null ? 0 : engine.streams().active().size());
  }

  /** Bytes of packets kept until the peer acknowledges them. */
  public long replayBytes() {
    return read(() -> engine == null ? 0L : engine.replayBytes());
  }

  // Streams.

  @Override
  public TunnelStream open(Map<String, String> attributes, Duration timeout) throws IOException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (true) {
        if (engine == null || !engine.accepting()) {
          throw failure(engine == null ? null : engine.end(), Delivered.NO);
        }
        if (engine.mayOpen()) {
          return StreamChannel.of(this, engine.open(Map.copyOf(attributes)));
        }
        if (left <= 0) {
          throw new TunnelException(
              ErrorCode.LIMIT_EXCEEDED,
              Delivered.NO,
              "the peer's stream limit is reached and no stream ended within "
                  + timeout.toMillis()
                  + " ms",
              null);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to open a stream");
    } finally {
      leave(true);
    }
  }

  @Override
  public void streamHandler(StreamHandler streamHandler) {
    lock.lock();
    try {
      handler = streamHandler;
      handlerDecided = true;
      deliverArrived();
    } finally {
      leave(true);
    }
  }

  // Ends.

  /** Tells the peer that no new streams are taken. Streams that are open go on. */
  public void drain(String reason) {
    lock.lock();
    try {
      if (engine != null) {
        engine.drain(reason);
        changed.signalAll(); // open() fails from here on
      }
    } finally {
      leave(true);
    }
  }

  /**
   * Waits until no stream is open or the connection has ended.
   *
   * @return whether that was so within the timeout
   */
  public boolean awaitIdle(Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (!hasEnded() && engine != null && !engine.streams().active().isEmpty()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      leave(true);
    }
  }

  /**
   * Ends the connection now: tells the peer why, then closes the WebSocket. Streams that are open
   * fail. Does not wait. Idempotent.
   */
  public void close(ErrorCode code, String reason) {
    lock.lock();
    try {
      if (engine != null) {
        engine.close(code, reason);
      }
    } finally {
      leave(true);
    }
  }

  /**
   * Drops the socket at once. Streams that are open fail with {@link ErrorCode#ABORTED}.
   * Idempotent.
   */
  public void abort(String reason) {
    lock.lock();
    try {
      if (engine != null) {
        engine.abort(reason);
      }
    } finally {
      leave(true);
    }
  }

  /** Waits until the WebSocket is closed; false if that took longer than the timeout. */
  public boolean awaitSocketClosed(Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (socket != null && !socketClosed) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      leave(true);
    }
  }

  // For the pump and the streams of this connection.

  ReentrantLock lock() {
    return lock;
  }

  Engine engine() {
    return engine;
  }

  ConnectionRuntime runtime() {
    return runtime;
  }

  long now() {
    return runtime.now();
  }

  /** Lock held: {@link #leave} will run it. */
  void wakeLater(Runnable wake) {
    wakes.add(wake);
  }

  /** Lock held: where packets go; null while there is no open WebSocket. */
  WebSocket socket() {
    return socketClosed ? null : socket;
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
        arm(engine.deadline(), now);
      }
      if (!wakes.isEmpty()) {
        run = wakes.toArray(new Runnable[0]);
        wakes.clear();
      }
    } finally {
      lock.unlock();
    }
    if (run != null) {
      for (Runnable wake : run) {
        wake.run();
      }
    }
    if (work) {
      if (pumps) {
        pump.run();
      } else {
        pump.schedule();
      }
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
    if (!later(SOCKET_CLOSE_TIMEOUT, webSocket::abort)) {
      webSocket.abort(); // the runtime is closed: nobody would bound the close handshake
    }
  }

  TunnelException failure(EngineEnd end, Delivered delivered) {
    if (end == null) {
      boolean draining = engine != null && established;
      return new TunnelException(
          draining ? ErrorCode.GOING_AWAY : ErrorCode.CONNECTION_LOST,
          delivered,
          draining
              ? "the connection is ending and takes no new streams"
              : "the WebSocket closed before the connection was established",
          null);
    }
    String who = end.byPeer() ? "the peer" : "this side";
    ErrorCode code = end.orderly() ? ErrorCode.GOING_AWAY : end.code();
    return new TunnelException(
        code, delivered, "the connection was ended by " + who + ": " + end.reason(), null);
  }

  private boolean hasEnded() {
    return engine == null ? socketClosed : engine.end() != null;
  }

  private <T> T read(Supplier<T> value) {
    lock.lock();
    try {
      return value.get();
    } finally {
      lock.unlock();
    }
  }

  /** Lock held. Streams wait for a handler while none was decided upon. */
  private void deliverArrived() {
    if (arrived.isEmpty() || !handlerDecided) {
      return;
    }
    for (StreamChannel channel : arrived) {
      if (handler == null) {
        engine.streams().refuse(channel.stream());
      } else {
        StreamHandler taker = handler;
        wakes.add(() -> taker.onStream(channel));
      }
    }
    arrived.clear();
  }

  private void showToListener() {
    try {
      listener.established(this);
    } finally {
      // Not before: the listener may be starting a servlet container, which can take a while.
      if (!later(HANDLER_GRACE, this::decideHandler)) {
        decideHandler();
      }
    }
  }

  private void decideHandler() {
    lock.lock();
    try {
      handlerDecided = true;
      if (engine.end() == null) {
        deliverArrived();
      }
    } finally {
      leave(false);
    }
  }

  /** Lock held. A timer that fires too early only looks again, so it is not moved for less. */
  private void arm(long deadline, long now) {
    if (deadline == Long.MAX_VALUE || (armed != null && armedFor - deadline <= 0)) {
      return;
    }
    if (armed != null) {
      armed.cancel(false);
    }
    try {
      armed =
          runtime
              .timer()
              .schedule(this::onTimer, Math.max(0, deadline - now), TimeUnit.NANOSECONDS);
      armedFor = deadline;
    } catch (RejectedExecutionException e) {
      LOG.debug("connection outlives its runtime", e);
    }
  }

  /** Runs a task after a delay; false if the runtime is closed. */
  private boolean later(Duration delay, Runnable task) {
    try {
      ScheduledFuture<?> unused =
          runtime.timer().schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  private void onTimer() {
    lock.lock();
    try {
      armed = null;
      engine.tick(runtime.now());
    } finally {
      leave(false);
    }
  }

  /** The WebSocket's callbacks: the reader thread. */
  private final class SocketCallbacks implements WebSocketListener {
    @Override
    public void onOpen(WebSocket webSocket) {
      lock.lock();
      try {
        socket = webSocket;
        long now = runtime.now();
        Events events = new Events();
        engine =
            dialer
                ? Engine.dialer(config, dialerMetadata, runtime.random(), events, now)
                : Engine.acceptor(config, runtime.random(), events, now);
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
        if (engine.end() == null) {
          deliverArrived();
        }
      } finally {
        leave(false);
      }
    }

    @Override
    public void onText(String message) {
      lock.lock();
      try {
        engine.violated(
            ErrorCode.PROTOCOL_ERROR, "expected binary messages but got a text message");
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
        if (armed != null) {
          armed.cancel(false);
        }
        changed.signalAll(); // the socket is closed
      } finally {
        leave(false);
      }
    }
  }

  /** The engine's events; the lock is held. */
  private final class Events implements EngineEvents {
    @Override
    public void established() {
      established = true;
      changed.signalAll(); // the handshake is over
      callbacks.execute(Connection.this::showToListener);
    }

    @Override
    public void pinged(byte[] data) {
      callbacks.executeUnlessBusy(() -> listener.pinged(Connection.this, data));
    }

    @Override
    public void ponged(byte[] data, long roundTripNanos) {
      Duration roundTrip = Duration.ofNanos(roundTripNanos);
      callbacks.executeUnlessBusy(() -> listener.ponged(Connection.this, data, roundTrip));
    }

    @Override
    public void peerGoingAway() {
      callbacks.execute(() -> listener.peerGoingAway(Connection.this));
    }

    @Override
    public void ended(EngineEnd end) {
      changed.signalAll(); // nothing more will come
      arrived.clear();
      callbacks.execute(() -> listener.ended(Connection.this, end));
    }

    @Override
    public void opened(Stream stream) {
      arrived.add(StreamChannel.of(Connection.this, stream));
    }

    @Override
    public void readable(Stream stream) {
      if (stream.owner() instanceof StreamChannel channel) {
        channel.wakeReaders();
      }
    }

    @Override
    public void writable(Stream stream) {
      if (stream.owner() instanceof StreamChannel channel) {
        channel.wakeWriters();
      }
    }

    @Override
    public void closed(Stream stream) {
      if (engine.streams().active().isEmpty()) {
        changed.signalAll(); // idle
      }
    }

    @Override
    public void mayOpen() {
      changed.signalAll(); // credit, or the end
    }
  }
}
