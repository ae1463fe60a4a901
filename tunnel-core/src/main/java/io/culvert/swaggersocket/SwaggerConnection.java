package io.culvert.swaggersocket;

import io.culvert.connection.Connection;
import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.connection.Delivered;
import io.culvert.connection.LinkStatistics;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import io.culvert.websocket.WebSocketListener;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * A connection that speaks swaggersocket, of either side. Thread-safe.
 *
 * <p>It carries one HTTP exchange at a time, in one direction: a side that has opened a stream
 * calls, one that has a stream handler or has got a request serves. An exchange that is given up
 * before its end ends the connection, because nothing in the protocol tells what follows apart from
 * the rest of it. It cannot resume, and its streams have no attributes.
 */
public final class SwaggerConnection implements Connection {
  private final boolean dialer;
  private final SwaggerDriver driver;
  private final ReentrantLock lock;
  private final Condition changed;

  private SwaggerConnection(
      ConnectionRuntime runtime,
      SwaggerSettings settings,
      boolean dialer,
      SwaggerHandshake handshake,
      ConnectionListener listener) {
    this.dialer = dialer;
    this.driver = new SwaggerDriver(runtime, settings, handshake, this, listener);
    this.lock = driver.lock();
    this.changed = driver.changed();
  }

  /**
   * The dialer's side; {@link #socketListener} is to be given to a dial that offers no subprotocol.
   *
   * @param metadata what the acceptor is told about this side: a JSON object of strings
   */
  public static SwaggerConnection dialer(
      ConnectionRuntime runtime,
      SwaggerSettings settings,
      Map<String, String> metadata,
      ConnectionListener listener) {
    return new SwaggerConnection(
        runtime, settings, true, SwaggerHandshake.dialer(metadata), listener);
  }

  /** The acceptor's side; {@link #socketListener} is to be given to the upgrade. */
  public static SwaggerConnection acceptor(
      ConnectionRuntime runtime, SwaggerSettings settings, ConnectionListener listener) {
    String id = randomUuid(runtime.random()).toString();
    return new SwaggerConnection(
        runtime,
        settings,
        false,
        SwaggerHandshake.acceptor(id, settings.metadataLimit()),
        listener);
  }

  /** Version 4, variant 2 (RFC 9562 section 5.4). */
  private static UUID randomUuid(RandomGenerator random) {
    long high = (random.nextLong() & ~0xf000L) | 0x4000L;
    long low = (random.nextLong() & ~(0b11L << 62)) | (0b10L << 62);
    return new UUID(high, low);
  }

  @Override
  public WebSocketListener socketListener() {
    return driver;
  }

  @Override
  public WebSocketListener nextSocket() {
    throw new UnsupportedOperationException("swaggersocket cannot resume a connection");
  }

  @Override
  public boolean detached() {
    return false;
  }

  @Override
  public LinkStatistics linkStatistics() {
    return LinkStatistics.NONE;
  }

  @Override
  public void awaitEstablished() throws IOException {
    lock.lock();
    try {
      // The handshake timeout bounds the wait.
      while (!driver.isEstablished() && driver.end() == null) {
        changed.await();
      }
      if (!driver.isEstablished()) {
        throw failure(Delivered.NO);
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

  /** A UUID, chosen by the acceptor; empty until the handshake is complete. */
  @Override
  public String id() {
    return driver.locked(() -> driver.isEstablished() ? driver.handshake().id() : "");
  }

  /**
   * What the dialer said about itself. Of a dialer that sent something else than an object of
   * strings: the JSON text of fields that are no strings, or one entry {@code Meta} with the JSON
   * text of what is no object.
   */
  @Override
  public Map<String, String> metadata() {
    return driver.locked(() -> driver.handshake().metadata());
  }

  @Override
  public boolean dialer() {
    return dialer;
  }

  @Override
  public SocketAddress remoteAddress() {
    return driver.locked(() -> driver.socket() == null ? null : driver.socket().remoteAddress());
  }

  @Override
  public SocketAddress localAddress() {
    return driver.locked(() -> driver.socket() == null ? null : driver.socket().localAddress());
  }

  @Override
  public boolean secure() {
    return driver.locked(() -> driver.socket() != null && driver.socket().secure());
  }

  @Override
  public boolean oneExchangeAtATime() {
    return true;
  }

  /** How the connection ended, or null. */
  public EngineEnd end() {
    return driver.locked(driver::end);
  }

  @Override
  public boolean accepting() {
    return driver.locked(driver::accepting);
  }

  /** Of the latest ping that was answered; some peers answer only in the middle of an exchange. */
  @Override
  public Duration roundTrip() {
    return Duration.ofNanos(driver.locked(driver::roundTripNanos));
  }

  /** 1 while a stream is open, idle or not; else 0. */
  @Override
  public int activeStreams() {
    return driver.locked(() -> driver.exchanges().stream() == null ? 0 : 1);
  }

  /** 0: the protocol has no acknowledgements. */
  @Override
  public long replayBytes() {
    return 0;
  }

  // Streams.

  /**
   * Opens the stream, an {@link io.culvert.connection.ExchangeStream}; waits while another one is
   * open, in the order of the calls.
   *
   * @param attributes not conveyed
   * @throws TunnelException as the interface says; {@link ErrorCode#REFUSED} if this side serves
   */
  @Override
  public TunnelStream open(Map<String, String> attributes, Duration timeout) throws IOException {
    lock.lock();
    Condition turn = null;
    try {
      long left = timeout.toNanos();
      while (true) {
        checkOpen();
        CallingStream stream = driver.exchanges().open(turn, driver.settings().maxMessageBytes());
        if (stream != null) {
          return stream;
        }
        if (left <= 0) {
          throw new TunnelException(
              ErrorCode.LIMIT_EXCEEDED,
              Delivered.NO,
              "swaggersocket carries one call at a time, and the one before did not finish within "
                  + timeout.toMillis()
                  + " ms",
              null);
        }
        if (turn == null) {
          turn = driver.exchanges().turns().join();
        }
        left = turn.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting to open a stream");
    } finally {
      if (turn != null) {
        driver.exchanges().leave(turn);
      }
      driver.leave(true);
    }
  }

  private void checkOpen() throws TunnelException {
    if (!driver.accepting()) {
      throw failure(Delivered.NO);
    }
    if (driver.exchanges().serves()) {
      throw new TunnelException(
          ErrorCode.REFUSED,
          Delivered.NO,
          "this side serves, so it cannot call: on swaggersocket one side of a connection calls"
              + " and the other serves",
          null);
    }
  }

  /**
   * Sets who gets requests of the peer. One that comes while nobody does waits five seconds for a
   * handler; then the connection ends ({@link ErrorCode#REFUSED}), because the protocol cannot
   * refuse a request.
   *
   * @throws IllegalStateException if the handler is not null and this side has opened a stream
   */
  @Override
  public void streamHandler(StreamHandler streamHandler) {
    lock.lock();
    try {
      if (streamHandler != null && driver.exchanges().calls()) {
        throw new IllegalStateException(
            "this side calls, so it cannot serve: on swaggersocket one side of a connection calls"
                + " and the other serves");
      }
      driver.exchanges().handler(streamHandler);
    } finally {
      driver.leave(true);
    }
  }

  // Ends.

  /** The peer is not told: the protocol has no words for it. */
  @Override
  public void drain(String reason) {
    lock.lock();
    try {
      driver.drain();
    } finally {
      driver.leave(true);
    }
  }

  /** Waits until no exchange is under way; a stream between two exchanges does not count. */
  @Override
  public boolean awaitIdle(Duration timeout) throws InterruptedException {
    return await(() -> driver.end() != null || driver.exchanges().idle(), timeout);
  }

  @Override
  public void close(ErrorCode code, String reason) {
    lock.lock();
    try {
      if (driver.socket() != null) {
        driver.endHere(code, reason);
      }
    } finally {
      driver.leave(true);
    }
  }

  @Override
  public void abort(String reason) {
    driver.abort(reason);
  }

  @Override
  public boolean awaitSocketClosed(Duration timeout) throws InterruptedException {
    return await(() -> driver.socket() == null || driver.socketClosed(), timeout);
  }

  private boolean await(BooleanSupplier condition, Duration timeout) throws InterruptedException {
    lock.lock();
    try {
      long left = timeout.toNanos();
      while (!condition.getAsBoolean()) {
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

  /** Lock held: why nothing goes any more. */
  TunnelException failure(Delivered delivered) {
    EngineEnd end = driver.end();
    if (end == null) {
      return new TunnelException(
          driver.isEstablished() ? ErrorCode.GOING_AWAY : ErrorCode.CONNECTION_LOST,
          delivered,
          driver.isEstablished()
              ? "the connection is ending and takes no new streams"
              : "the connection is not established",
          null);
    }
    return new TunnelException(
        end.orderly() ? ErrorCode.GOING_AWAY : end.code(),
        delivered,
        "the connection was ended by "
            + (end.byPeer() ? "the peer" : "this side")
            + ": "
            + end.reason(),
        null);
  }
}
