package io.culvert.client;

import io.culvert.ConnectionEvent;
import io.culvert.ConnectionEvents;
import io.culvert.SocketConnection;
import io.culvert.connection.Connection;
import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.connection.TunnelException;
import io.culvert.engine.EngineEnd;
import io.culvert.servlet.ServletHosts;
import io.culvert.websocket.UpgradeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One {@link SocketConnection} of a client: dials it, dials it again when it has broken, and ends
 * its threads when the application ends it or dialing is given up. Thread-safe.
 */
final class Dialed implements ConnectionListener {
  private static final Logger LOG = LoggerFactory.getLogger(Dialed.class);

  private final TunnelClient.Settings settings;
  private final ConnectionRuntime runtime;
  private final ConnectionEvents events;
  private final ServletHosts hosts = new ServletHosts();
  private final SocketConnection.Control control;
  private final AtomicBoolean released = new AtomicBoolean();

  /** Until then the caller of connect() hears of failures, and nothing is dialed again. */
  private volatile boolean connectedOnce;

  /** Guarded by this object's monitor. Empty: the connection is not dialed again. */
  private final Optional<Backoff> backoff;

  Dialed(TunnelClient.Settings settings, ConnectionRuntime runtime) {
    this.settings = settings;
    this.runtime = runtime;
    this.events = new ConnectionEvents(runtime.executor());
    this.backoff = settings.reconnect().map(policy -> new Backoff(policy, runtime.random()));
    this.control = SocketConnection.create(hosts, settings.endToEndTls(), this::release);
    events.listen(settings.listener());
  }

  SocketConnection connect() throws IOException {
    try {
      dial();
    } catch (IOException | RuntimeException e) {
      control.ended();
      throw e;
    }
    connectedOnce = true;
    return control.connection();
  }

  private void dial() throws IOException {
    Connection connection =
        Connection.dialer(runtime, settings.engine(), settings.metadata(), this);
    settings.dialer().dial(settings.dial(), connection.socketListener());
    connection.awaitEstablished();
    control.attach(connection);
    synchronized (this) {
      backoff.ifPresent(b -> b.connected(runtime.now()));
    }
    if (control.over()) {
      connection.abort("closed by the application while it was being dialed");
    }
  }

  private void redial() {
    if (control.over()) {
      return;
    }
    try {
      dial();
    } catch (UpgradeException e) {
      if (refusedForGood(e.status())) {
        LOG.warn("Not dialing {} again: {}", settings.dial(), e.getMessage());
        control.ended();
      } else {
        retry(e.getMessage());
      }
    } catch (TunnelException e) {
      // A rejected handshake has ended a connection, whose end asks for the next dial.
      LOG.debug("handshake with {} failed: {}", settings.dial(), e.getMessage());
    } catch (IOException e) {
      retry(e.getMessage());
    }
  }

  /** The server knows this dialer and does not want it, or is no server for it: asking is rude. */
  private static boolean refusedForGood(int status) {
    return status >= 400 && status < 500 && status != 408 && status != 425 && status != 429;
  }

  private void retry(String why) {
    Optional<Duration> delay;
    synchronized (this) {
      delay = control.over() ? Optional.empty() : backoff.flatMap(b -> b.next(runtime.now()));
    }
    if (delay.isPresent() && runtime.later(delay.get(), this::redial)) {
      LOG.info("Dialing {} again in {} ms: {}", settings.dial(), delay.get().toMillis(), why);
    } else {
      control.ended();
    }
  }

  @Override
  public void established(Connection connection) {
    events.publish(ConnectionEvent.received(connection));
  }

  @Override
  public void pinged(Connection connection, byte[] data) {
    settings.pings().onPing(control.connection(), data);
  }

  @Override
  public void ponged(Connection connection, byte[] data, Duration roundTrip) {
    settings.pings().onPong(control.connection(), data, roundTrip);
  }

  @Override
  public void peerGoingAway(Connection connection) {
    control.peerGoingAway();
  }

  @Override
  public void ended(Connection connection, EngineEnd end) {
    boolean wasEstablished = !connection.id().isEmpty();
    if (wasEstablished) {
      events.publish(ConnectionEvent.ended(connection, end));
    }
    if (!connectedOnce) {
      return; // connect() reports it
    }
    switch (end.code()) {
      case UNSUPPORTED_VERSION, METADATA_TOO_LARGE, FORBIDDEN -> control.ended();
      default -> retry(end.reason());
    }
  }

  private void release() {
    if (!released.compareAndSet(false, true)) {
      return;
    }
    events.close();
    // Not on the caller's thread: it may be one of the threads that end here.
    Thread closer =
        new Thread(
            () -> {
              hosts.close();
              runtime.close();
            },
            "culvert-client-closer");
    closer.start();
  }
}
