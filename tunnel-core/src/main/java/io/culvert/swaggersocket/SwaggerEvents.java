package io.culvert.swaggersocket;

import io.culvert.connection.ConnectionListener;
import io.culvert.connection.SerialExecutor;
import io.culvert.engine.EngineEnd;
import java.time.Duration;
import java.util.concurrent.Executor;

/** Tells a connection's listener what happens, in order, on threads that may wait. */
final class SwaggerEvents {
  private final SwaggerConnection connection;
  private final ConnectionListener listener;
  private final SerialExecutor callbacks;

  SwaggerEvents(SwaggerConnection connection, ConnectionListener listener, Executor executor) {
    this.connection = connection;
    this.listener = listener;
    this.callbacks = new SerialExecutor(executor);
  }

  /**
   * The handshake is complete.
   *
   * @param shown run when the listener has returned
   */
  void established(Runnable shown) {
    callbacks.execute(
        () -> {
          try {
            listener.established(connection);
          } finally {
            shown.run();
          }
        });
  }

  void ponged(byte[] data, long roundTripNanos) {
    Duration roundTrip = Duration.ofNanos(roundTripNanos);
    callbacks.executeUnlessBusy(() -> listener.ponged(connection, data, roundTrip));
  }

  void ended(EngineEnd end) {
    callbacks.execute(() -> listener.ended(connection, end));
  }
}
