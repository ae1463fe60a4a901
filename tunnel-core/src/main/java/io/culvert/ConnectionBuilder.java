package io.culvert;

import io.culvert.connection.ConnectionListener;
import io.culvert.engine.EngineConfig;
import io.culvert.okhttp.RetryPolicy;
import io.culvert.stream.StreamLimits;
import io.culvert.swaggersocket.SwaggerSettings;
import io.culvert.websocket.Feature;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;

/**
 * What servers and clients let their users set about connections. Not thread-safe; {@code build()}
 * copies.
 *
 * @param <B> the builder itself
 */
public abstract class ConnectionBuilder<B extends ConnectionBuilder<B>> {
  private static final int DEFAULT_SWAGGER_MESSAGE = 16 << 20;

  private StreamLimits streams = StreamLimits.DEFAULT;
  private int replayBuffer = EngineConfig.DEFAULT.replayBuffer();
  private Duration heartbeatIdle = Duration.ofNanos(EngineConfig.DEFAULT.heartbeatIdle());
  private Duration heartbeatTimeout = Duration.ofNanos(EngineConfig.DEFAULT.heartbeatTimeout());
  private Duration handshakeTimeout = Duration.ofNanos(EngineConfig.DEFAULT.handshakeTimeout());
  private Duration resumeTimeout = Duration.ofNanos(EngineConfig.DEFAULT.resumeTime());
  private int metadataLimit = EngineConfig.DEFAULT.metadataLimit();
  private byte[] pingData = new byte[0];
  private PingListener pingListener = PingListener.NONE;
  private boolean endToEndTls;
  private RetryPolicy retry = RetryPolicy.OFF;
  private boolean swaggerSocket;
  private int swaggerMessageLimit = DEFAULT_SWAGGER_MESSAGE;

  /** For the two builders of Culvert. */
  protected ConnectionBuilder() {}

  /** The builder, as its own type. */
  protected abstract B self();

  /**
   * When a silent peer counts as dead: after {@code idle} without a packet it is asked, after
   * {@code timeout} more without any it is dead. Default 15 s and 10 s.
   *
   * @throws IllegalArgumentException if one is not positive
   */
  public B heartbeat(Duration idle, Duration timeout) {
    heartbeatIdle = positive(idle, "heartbeat idle time");
    heartbeatTimeout = positive(timeout, "heartbeat timeout");
    return self();
  }

  /** Never asks a silent peer: a dead socket is noticed only when the operating system does. */
  public B heartbeatOff() {
    heartbeatIdle = Duration.ZERO;
    return self();
  }

  /**
   * Application data of this side's pings, which the peer's {@link PingListener} sees.
   *
   * @param data at most 255 bytes, with swaggersocket 125; default empty
   */
  public B pingData(byte[] data) {
    pingData = data.clone();
    return self();
  }

  /** Hears of the peer's pings and of the answers to this side's. */
  public B onPing(PingListener listener) {
    pingListener = Objects.requireNonNull(listener, "listener");
    return self();
  }

  /** How long the handshake may take once the WebSocket is open. Default 10 s. */
  public B handshakeTimeout(Duration timeout) {
    handshakeTimeout = positive(timeout, "handshake timeout");
    return self();
  }

  /**
   * How long a connection that has lost its WebSocket waits for another one: so long requests in
   * flight stand still, and then fail. The shorter of both sides' counts. Default 60 s; zero: a
   * connection ends with its WebSocket.
   */
  public B resumeTimeout(Duration timeout) {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("the resume timeout must not be negative: " + timeout);
    }
    resumeTimeout = timeout;
    return self();
  }

  /** How many streams the peer may have open at once; further ones wait there. Default 1,000. */
  public B maxStreams(int count) {
    streams =
        new StreamLimits(
            streams.window(),
            streams.maxWindow(),
            streams.growthBudget(),
            streams.sendBuffer(),
            count);
    return self();
  }

  /**
   * Bounds of received bytes that the application has not read: per stream to begin with, per
   * stream at most, and all growth of one connection together. Default 256 KiB, 16 MiB, 64 MiB.
   *
   * @throws IllegalArgumentException if {@code start} is not positive, {@code most} is less than
   *     it, or {@code growth} is negative
   */
  public B windows(int start, int most, long growth) {
    streams = new StreamLimits(start, most, growth, streams.sendBuffer(), streams.streams());
    return self();
  }

  /** Bytes sent that the peer has not acknowledged; when full, writers wait. Default 16 MiB. */
  public B replayBuffer(int bytes) {
    replayBuffer = bytes;
    return self();
  }

  /** Encoded size of a dialer's metadata that this side takes, in bytes. Default 16 KiB. */
  public B metadataLimit(int bytes) {
    metadataLimit = bytes;
    return self();
  }

  /**
   * Encrypts {@code https} calls also inside the connection, from OkHttp to the servlet container,
   * with the caller's own TLS settings. Default: they are clear text inside the WebSocket.
   */
  public B endToEndTls(boolean on) {
    endToEndTls = on;
    return self();
  }

  /**
   * Speaks the protocol of go-openapi/swaggersocket: a client speaks nothing else, a server speaks
   * it with dialers that offer no subprotocol. One call at a time, in one direction; a request and
   * each flushed part of a response are one text message, whole in memory. Default: off.
   */
  public B swaggerSocket(boolean on) {
    swaggerSocket = on;
    return self();
  }

  /**
   * The longest message that swaggersocket may carry, of either side: a whole request, or what a
   * response flushes at once. Default 16 MiB.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  public B swaggerMessageLimit(int bytes) {
    if (bytes <= 0) {
      throw new IllegalArgumentException(
          "the swaggersocket message limit must be positive, but is " + bytes);
    }
    swaggerMessageLimit = bytes;
    return self();
  }

  /**
   * Which calls that the connection has failed are sent again. Default {@link RetryPolicy#OFF}:
   * none.
   */
  public B retry(RetryPolicy policy) {
    retry = Objects.requireNonNull(policy, "policy");
    return self();
  }

  /** Which calls are sent again. */
  protected final RetryPolicy retry() {
    return retry;
  }

  /** Whether swaggersocket is spoken. */
  protected final boolean swaggerSocket() {
    return swaggerSocket;
  }

  /**
   * The settings of connections that speak swaggersocket.
   *
   * @param missing what the WebSocket library cannot do
   * @throws IllegalArgumentException if the protocol needs it, or another setting does not go with
   *     the protocol
   */
  protected final SwaggerSettings swaggerSettings(Set<Feature> missing) {
    if (missing.contains(Feature.ANY_TEXT)) {
      throw new IllegalArgumentException(
          "swaggersocket puts any bytes into text messages, which this WebSocket library cannot"
              + " carry: choose JavaWebSocketDialer or JettyDialer with webSocket(...)");
    }
    if (heartbeatIdle.toNanos() > 0 && missing.contains(Feature.PING)) {
      throw new IllegalArgumentException(
          "the heartbeat of swaggersocket is WebSocket pings, which this WebSocket library cannot"
              + " send: choose another one with webSocket(...), or call heartbeatOff()");
    }
    if (endToEndTls) {
      throw new IllegalArgumentException(
          "swaggersocket carries HTTP in clear text: it has no TLS inside the WebSocket");
    }
    return new SwaggerSettings(
        heartbeatIdle.toNanos(),
        heartbeatTimeout.toNanos(),
        handshakeTimeout.toNanos(),
        metadataLimit,
        swaggerMessageLimit,
        pingData.clone());
  }

  /** The engine's settings. */
  protected final EngineConfig engineConfig() {
    return new EngineConfig(
        streams,
        replayBuffer,
        EngineConfig.DEFAULT.transit(),
        heartbeatIdle.toNanos(),
        heartbeatTimeout.toNanos(),
        handshakeTimeout.toNanos(),
        resumeTimeout.toNanos(),
        metadataLimit,
        pingData);
  }

  /** Who hears of pings. */
  protected final PingListener pingListener() {
    return pingListener;
  }

  /** Whether {@code https} calls are encrypted inside the connection. */
  protected final boolean endToEndTls() {
    return endToEndTls;
  }

  /** Checks a duration. */
  protected static Duration positive(Duration duration, String what) {
    if (duration.isNegative() || duration.isZero()) {
      throw new IllegalArgumentException("the " + what + " must be positive, but is " + duration);
    }
    return duration;
  }

  /** Hears of pings; called one at a time for a connection; see {@link ConnectionListener}. */
  public interface PingListener {
    /** Hears nothing. */
    PingListener NONE = new PingListener() {};

    /** The peer has sent a ping. */
    default void onPing(SocketConnection connection, byte[] data) {}

    /** The peer has answered a ping. */
    default void onPong(SocketConnection connection, byte[] data, Duration roundTrip) {}
  }
}
