package io.culvert.swaggersocket;

import io.culvert.connection.Alarm;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import java.nio.ByteBuffer;
import java.time.Duration;

/**
 * What a connection does because time has passed: it gives up a handshake, pings, and judges
 * silence and requests that nobody serves. Guarded by the connection's lock.
 */
final class SwaggerTimes {
  private static final long NEVER = Long.MAX_VALUE;

  private final SwaggerDriver driver;
  private final ConnectionRuntime runtime;
  private final Alarm alarm;
  private long handshakeDeadline = NEVER;

  /** Null until the handshake is complete. */
  private SwaggerHeartbeat heartbeat;

  SwaggerTimes(SwaggerDriver driver, ConnectionRuntime runtime) {
    this.driver = driver;
    this.runtime = runtime;
    this.alarm = new Alarm(runtime, this::onTimer);
  }

  /** The WebSocket is open. */
  void opened() {
    handshakeDeadline = runtime.now() + driver.settings().handshakeTimeout();
  }

  /** The handshake is complete. */
  void established() {
    SwaggerSettings settings = driver.settings();
    heartbeat =
        new SwaggerHeartbeat(settings.heartbeatIdle(), settings.heartbeatTimeout(), runtime.now());
  }

  /** Null until the handshake is complete. */
  SwaggerHeartbeat heartbeat() {
    return heartbeat;
  }

  /** Asks to be woken when something will be due. */
  void set() {
    long now = runtime.now();
    if (heartbeat != null) {
      heartbeat.exchange(driver.exchanges().underWay(), now);
    }
    alarm.set(deadline(), now);
  }

  void cancel() {
    alarm.cancel();
  }

  private long deadline() {
    if (driver.end() != null || driver.socket() == null) {
      return NEVER;
    }
    if (heartbeat == null) {
      return handshakeDeadline;
    }
    long pulse = heartbeat.deadline();
    long grace = driver.exchanges().deadline();
    return pulse == NEVER || (grace != NEVER && grace - pulse < 0) ? grace : pulse;
  }

  private static boolean due(long deadline, long now) {
    return deadline != NEVER && now - deadline >= 0;
  }

  private void onTimer() {
    driver.lock().lock();
    try {
      alarm.fired();
      if (driver.end() == null) {
        act(runtime.now());
      }
    } finally {
      driver.leave(false);
    }
  }

  private void act(long now) {
    if (heartbeat == null) {
      if (due(handshakeDeadline, now)) {
        driver.endHere(ErrorCode.HANDSHAKE_TIMEOUT, "the swaggersocket handshake took too long");
      }
      return;
    }
    if (due(driver.exchanges().deadline(), now)) {
      driver.endHere(
          ErrorCode.REFUSED,
          "a request came, but this side serves nothing and swaggersocket cannot refuse a request");
    }
    switch (heartbeat.check(now)) {
      case PING_DUE -> runtime.later(Duration.ZERO, this::ping);
      case DEAD ->
          driver.end(
              new EngineEnd(
                  ErrorCode.HEARTBEAT_TIMEOUT,
                  "the peer, which has answered pings while idle, did not answer one",
                  false,
                  true));
      case ALIVE -> {}
    }
  }

  private void ping() {
    driver.locked(driver::socket).ping(ByteBuffer.wrap(driver.settings().pingData()));
  }
}
