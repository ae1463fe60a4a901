package io.culvert.connection;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import io.culvert.link.LinkState;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A connection that speaks {@code culvert.v1}: an engine over one WebSocket, of either side. What
 * it does and knows is its driver's, under the driver's lock.
 */
public final class EngineConnection implements Connection {
  private final boolean dialer;
  private final Map<String, String> dialerMetadata;
  private final ConnectionDriver driver;
  private final WebSocketListener socketListener;
  private final ReentrantLock lock;
  private final Condition changed;

  private EngineConnection(
      ConnectionRuntime runtime,
      boolean dialer,
      Map<String, String> metadata,
      ConnectionDriver.EngineMaker maker,
      ConnectionListener listener,
      ConnectionDriver.Registration registration) {
    this.dialer = dialer;
    this.dialerMetadata = metadata;
    this.driver = new ConnectionDriver(runtime, maker, this, listener, registration);
    this.socketListener =
        registration == null
            ? driver.nextSocket()
            : registration.links().reception(this, registration.principal());
    this.lock = driver.lock();
    this.changed = driver.changed();
  }

  /**
   * The dialer's side; {@link #socketListener} is to be given to the dial.
   *
   * @param metadata what the acceptor is told about this side
   */
  public static EngineConnection dialer(
      ConnectionRuntime runtime,
      EngineConfig config,
      Map<String, String> metadata,
      ConnectionListener listener) {
    return new EngineConnection(
        runtime,
        true,
        metadata,
        (events, now) -> Engine.dialer(config, metadata, runtime.random(), events, now),
        listener,
        null);
  }

  /** The acceptor's side of a connection that nobody can resume. */
  public static EngineConnection acceptor(
      ConnectionRuntime runtime, EngineConfig config, ConnectionListener listener) {
    EngineConfig once = config.withoutResume();
    return new EngineConnection(
        runtime,
        false,
        Map.of(),
        (events, now) -> Engine.acceptor(once, runtime.random(), events, now),
        listener,
        null);
  }

  /**
   * The acceptor's side; {@link #socketListener} is to be given to the upgrade.
   *
   * @param links where it can be found when it is to be resumed
   * @param principal who was let in by the upgrade; the only one who may resume it
   */
  public static EngineConnection acceptor(
      ConnectionRuntime runtime,
      EngineConfig config,
      Links links,
      String principal,
      ConnectionListener listener) {
    return new EngineConnection(
        runtime,
        false,
        Map.of(),
        (events, now) -> Engine.acceptor(config, runtime.random(), events, now),
        listener,
        new ConnectionDriver.Registration(links, principal));
  }

  @Override
  public WebSocketListener socketListener() {
    return socketListener;
  }

  @Override
  public WebSocketListener nextSocket() {
    if (!dialer) {
      throw new IllegalStateException("only the side that dialed can move a connection");
    }
    if (driver.locked(() -> driver.engine() == null || !driver.engine().resumable())) {
      throw new UnsupportedOperationException(
          "this connection ends with its WebSocket: it has ended, or one side keeps none without a"
              + " WebSocket (resumeTimeout, reconnectOff)");
    }
    return driver.nextSocket();
  }

  @Override
  public boolean detached() {
    return driver.locked(
        () ->
            driver.engine() != null
                && (driver.engine().state() == LinkState.DETACHED
                    || driver.engine().state() == LinkState.RESUMING));
  }

  @Override
  public boolean resumable() {
    return true;
  }

  @Override
  public long outageNanos() {
    return driver.outages().nanos();
  }

  @Override
  public LinkStatistics linkStatistics() {
    return driver.locked(driver::statistics);
  }

  @Override
  public void awaitEstablished() throws IOException {
    lock.lock();
    try {
      // The engine's handshake timeout bounds the wait.
      while (!driver.isEstablished() && !driver.hasEnded()) {
        changed.await();
      }
      if (!driver.isEstablished()) {
        throw failure(driver.end(), Delivered.NO);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      driver.wakeLater(() -> abort("interrupted while waiting for the handshake"));
      throw new InterruptedIOException("interrupted while waiting for the handshake");
    } finally {
      driver.leave(true);
    }
  }

  // Identity.

  @Override
  public String id() {
    return driver.locked(() -> driver.isEstablished() ? driver.engine().connectionId() : "");
  }

  @Override
  public Map<String, String> metadata() {
    return driver.locked(
        () -> driver.engine() == null ? dialerMetadata : driver.engine().metadata());
  }

  @Override
  public boolean dialer() {
    return dialer;
  }

  @Override
  public SocketAddress remoteAddress() {
    return driver.locked(
        () -> driver.slot().socket() == null ? null : driver.slot().socket().remoteAddress());
  }

  @Override
  public SocketAddress localAddress() {
    return driver.locked(
        () -> driver.slot().socket() == null ? null : driver.slot().socket().localAddress());
  }

  @Override
  public boolean secure() {
    return driver.locked(() -> driver.slot().socket() != null && driver.slot().socket().secure());
  }

  /** How the connection ended, or null. */
  public EngineEnd end() {
    return driver.locked(driver::end);
  }

  @Override
  public boolean accepting() {
    return driver.locked(() -> driver.engine() != null && driver.engine().accepting());
  }

  @Override
  public Duration roundTrip() {
    return Duration.ofNanos(
        driver.locked(() -> driver.engine() == null ? 0L : driver.engine().roundTripNanos()));
  }

  @Override
  public int activeStreams() {
    return driver.locked(
        () -> driver.engine() == null ? 0 : driver.engine().streams().active().size());
  }

  @Override
  public long replayBytes() {
    return driver.locked(() -> driver.engine() == null ? 0L : driver.engine().replayBytes());
  }

  // Streams.

  @Override
  public TunnelStream open(Map<String, String> attributes, Duration timeout) throws IOException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (true) {
        if (driver.engine() == null || !driver.engine().accepting()) {
          throw failure(driver.end(), Delivered.NO);
        }
        if (driver.engine().mayOpen()) {
          return StreamChannel.of(this, driver.engine().open(Map.copyOf(attributes)));
        }
        if (left <= 0) {
          throw notOpenedWithin(timeout);
        }
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to open a stream");
    } finally {
      driver.leave(true);
    }
  }

  private TunnelException notOpenedWithin(Duration timeout) {
    boolean attached = driver.engine().state() == LinkState.ATTACHED;
    return new TunnelException(
        attached ? ErrorCode.LIMIT_EXCEEDED : ErrorCode.CONNECTION_LOST,
        Delivered.NO,
        (attached
                ? "the peer's stream limit is reached and no stream ended within "
                : "the connection has lost its WebSocket and got no other one within ")
            + timeout.toMillis()
            + " ms",
        null);
  }

  @Override
  public void streamHandler(StreamHandler streamHandler) {
    lock.lock();
    try {
      driver.arrivals().handler(streamHandler);
      driver.deliverArrivals();
    } finally {
      driver.leave(true);
    }
  }

  // Ends.

  @Override
  public void drain(String reason) {
    lock.lock();
    try {
      if (driver.engine() != null) {
        driver.engine().drain(reason);
        changed.signalAll(); // open() fails from here on
      }
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public boolean awaitIdle(Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (!driver.hasEnded()
          && driver.engine() != null
          && !driver.engine().streams().active().isEmpty()) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void close(ErrorCode code, String reason) {
    lock.lock();
    try {
      if (driver.engine() != null) {
        driver.engine().close(code, reason);
      }
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void abort(String reason) {
    driver.abort(reason);
  }

  /** Ends the connection unless a WebSocket carries it. */
  void expire(String reason) {
    lock.lock();
    try {
      if (driver.engine().state() != LinkState.ATTACHED) {
        driver.engine().close(ErrorCode.LIMIT_EXCEEDED, reason);
      }
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public boolean awaitSocketClosed(Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (driver.slot().open() != null) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return true;
    } finally {
      driver.leave(true);
    }
  }

  // For the streams of this connection.

  ConnectionDriver driver() {
    return driver;
  }

  TunnelException failure(EngineEnd end, Delivered delivered) {
    if (end == null) {
      boolean draining = driver.engine() != null && driver.isEstablished();
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
}
