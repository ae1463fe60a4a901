package io.culvert.websocket.jetty;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.WebSocketConnection;

/** Drops sockets that have not become WebSockets in time, however busy they are. */
final class UpgradeTimeout implements Connection.Listener {
  private final Scheduler scheduler;
  private final Duration timeout;

  /** One for each socket that is open and no WebSocket yet. */
  private final Map<EndPoint, Scheduler.Task> running = new ConcurrentHashMap<>();

  UpgradeTimeout(Scheduler scheduler, Duration timeout) {
    this.scheduler = scheduler;
    this.timeout = timeout;
  }

  @Override
  public void onOpened(Connection connection) {
    if (connection instanceof WebSocketConnection) {
      cancel(connection.getEndPoint());
    } else if (!(connection instanceof SslConnection)) { // its inner connection comes here too
      running.computeIfAbsent(connection.getEndPoint(), this::schedule);
    }
  }

  private Scheduler.Task schedule(EndPoint socket) {
    return scheduler.schedule(socket::close, timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void onClosed(Connection connection) {
    // Open still if another connection takes the socket over.
    if (!connection.getEndPoint().isOpen()) {
      cancel(connection.getEndPoint());
    }
  }

  private void cancel(EndPoint socket) {
    Scheduler.Task task = running.remove(socket);
    if (task != null) {
      task.cancel();
    }
  }
}
