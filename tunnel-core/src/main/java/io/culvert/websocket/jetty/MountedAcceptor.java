package io.culvert.websocket.jetty;

import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocketAcceptor;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/** An acceptor of a {@link JettyMount}. Has no threads. */
final class MountedAcceptor implements WebSocketAcceptor {
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  /** The mount's: who answers its upgrades now. */
  private final AtomicReference<Upgrades> mounted;

  private final Upgrades upgrades;

  // Guarded by this.
  private boolean started;
  private boolean closed;

  MountedAcceptor(AtomicReference<Upgrades> mounted, Limits limits) {
    this.mounted = mounted;
    this.upgrades = new Upgrades(limits.maxMessageBytes());
  }

  /** {@inheritDoc} One acceptor of a mount is started at a time. */
  @Override
  public synchronized void start(UpgradeHandler handler) {
    Objects.requireNonNull(handler, "handler");
    if (started || closed) {
      throw new IllegalStateException("an acceptor is started once, and not after it was closed");
    }
    if (!mounted.compareAndSet(null, upgrades)) {
      throw new IllegalStateException("the mount has another acceptor: close that one first");
    }
    started = true;
    upgrades.start(handler);
  }

  @Override
  public InetSocketAddress address() {
    throw new IllegalStateException(
        "the acceptor is hosted: ask the Jetty server it is mounted in");
  }

  @Override
  public void stopListening() {
    upgrades.stop();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    mounted.compareAndSet(upgrades, null);
    upgrades.close();
    try {
      upgrades.awaitEnd(CLOSE_TIMEOUT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
