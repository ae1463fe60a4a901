package io.culvert.connection;

import io.culvert.engine.EngineEnd;
import io.culvert.engine.EngineEvents;
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
  private boolean established;

  EngineObserver(
      ConnectionDriver driver, EngineConnection connection, ConnectionListener listener) {
    this.driver = driver;
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
    driver.changed().signalAll(); // nothing more will come
    driver.arrivals().clear();
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
