package io.culvert.connection;

import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
import io.culvert.frame.ErrorCode;
import io.culvert.stream.Stream;
import java.time.Duration;

/**
 * Turns an engine's events into wake-ups of waiting threads and into callbacks of the listener. The
 * connection's lock is held in every call.
 */
final class EngineObserver implements EngineEvents {
  /** Streams that the peer opens wait this long, from the handshake, for a handler to be set. */
  static final Duration HANDLER_GRACE = Duration.ofSeconds(5);

  private final ConnectionDriver driver;
  private final EngineConnection connection;
  private final ConnectionListener listener;
  private final SerialExecutor callbacks;
  private final LinkCounters counters;

  /** Null at a dialer. */
  private final ConnectionDriver.Registration registration;

  private boolean established;
  private boolean detached;

  /** The acceptor's, once it has one; else empty. */
  private String id = "";

  EngineObserver(
      ConnectionDriver driver,
      EngineConnection connection,
      ConnectionListener listener,
      ConnectionDriver.Registration registration) {
    this.registration = registration;
    this.driver = driver;
    this.counters = new LinkCounters(driver.runtime().counters());
    this.connection = connection;
    this.listener = listener;
    this.callbacks = new SerialExecutor(driver.runtime().executor());
  }

  /** Whether the handshake is complete, or was before the end. */
  boolean isEstablished() {
    return established;
  }

  @Override
  public void established() {
    established = true;
    driver.changed().signalAll(); // the handshake is over
    callbacks.execute(this::showToListener);
  }

  private void showToListener() {
    try {
      listener.established(connection);
    } finally {
      // Not before: the listener may be starting a servlet container, which can take a while.
      if (!driver.runtime().later(HANDLER_GRACE, driver::decideHandler)) {
        driver.decideHandler();
      }
    }
  }

  LinkStatistics statistics() {
    return counters.statistics();
  }

  @Override
  public void welcoming(String connectionId) {
    if (registration != null) {
      id = connectionId;
      registration.links().add(id, connection, registration.principal());
    }
  }

  @Override
  public void detached(String reason) {
    detached = true;
    driver.outages().begin();
    counters.cut();
    driver.dropSocket();
    if (registration != null) {
      EngineConnection tooMany =
          registration.links().detached(connection, registration.principal());
      if (tooMany != null) {
        driver.wakeLater(() -> tooMany.expire("too many connections wait to be resumed"));
      }
    }
    if (established) {
      callbacks.execute(() -> listener.detached(connection, reason));
    }
  }

  @Override
  public void resumeFailed(String reason) {
    if (!detached) {
      detached(reason); // it was moved while it still had a socket
      return;
    }
    // It has counted among the detached all the time, or has to go already.
    driver.dropSocket();
    if (established) {
      callbacks.execute(() -> listener.resumeFailed(connection, reason));
    }
  }

  @Override
  public void resumed(long outageNanos, int packets, long bytes) {
    detached = false;
    driver.outages().end();
    driver.engine().streams().active().forEach(EngineObserver::clocksGoOn);
    driver.slot().dropPrevious();
    if (registration != null) {
      registration.links().attached(connection, registration.principal());
    }
    Resumption resumption = new Resumption(Duration.ofNanos(outageNanos), packets, bytes);
    counters.resumed(resumption);
    driver.changed().signalAll(); // streams can be opened again
    callbacks.execute(() -> listener.resumed(connection, resumption));
  }

  @Override
  public void pinged(byte[] data) {
    callbacks.executeUnlessBusy(() -> listener.pinged(connection, data));
  }

  @Override
  public void ponged(byte[] data, long roundTripNanos) {
    Duration roundTrip = Duration.ofNanos(roundTripNanos);
    callbacks.executeUnlessBusy(() -> listener.ponged(connection, data, roundTrip));
  }

  @Override
  public void peerGoingAway() {
    callbacks.execute(() -> listener.peerGoingAway(connection));
  }

  @Override
  public void ended(EngineEnd end) {
    driver.outages().end();
    driver.changed().signalAll(); // nothing more will come
    driver.arrivals().clear();
    driver.slot().dropPrevious();
    if (registration != null && !id.isEmpty()) {
      registration.links().remove(id, connection, registration.principal());
    }
    if (detached && end.code() == ErrorCode.CONNECTION_LOST) {
      counters.expired();
    }
    callbacks.execute(() -> listener.ended(connection, end));
  }

  @Override
  public void opened(Stream stream) {
    driver.arrivals().add(StreamChannel.of(connection, stream));
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

  private static void clocksGoOn(Stream stream) {
    if (stream.owner() instanceof StreamChannel channel) {
      channel.clocksGoOn();
    }
  }

  @Override
  public void closed(Stream stream) {
    if (driver.engine().streams().active().isEmpty()) {
      driver.changed().signalAll(); // idle
    }
  }

  @Override
  public void mayOpen() {
    driver.changed().signalAll(); // credit, or the end
  }
}
