package io.culvert.client;

import io.culvert.connection.ConnectionRuntime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.SocketException;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Tells when this machine has lost the address that a WebSocket uses, because it has changed its
 * network: sooner than a heartbeat, which has to wait for silence. Java reports no such change, so
 * it looks every {@link #INTERVAL}. Thread-safe.
 */
final class AddressWatch {
  static final Duration INTERVAL = Duration.ofSeconds(2);

  private final ConnectionRuntime runtime;
  private final Predicate<InetAddress> own;
  private final Runnable onLoss;

  /** Guarded by this: what is watched; null for nothing. */
  private InetAddress watched;

  private boolean looking;

  /**
   * @param own whether an address is one of this machine's
   * @param onLoss run on the runtime's executor, once for each {@link #watch}
   */
  AddressWatch(ConnectionRuntime runtime, Predicate<InetAddress> own, Runnable onLoss) {
    this.runtime = runtime;
    this.own = own;
    this.onLoss = onLoss;
  }

  /** Whether this machine has that address; also if that cannot be found out. */
  static boolean isOwn(InetAddress address) {
    try {
      return NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException e) {
      return true;
    }
  }

  /** Watches this address in place of the one before; null if it is not known: nothing then. */
  void watch(SocketAddress local) {
    synchronized (this) {
      watched = local instanceof InetSocketAddress inet ? inet.getAddress() : null;
      if (watched == null || looking) {
        return;
      }
      looking = true;
    }
    lookLater();
  }

  private void lookLater() {
    if (!runtime.later(INTERVAL, this::look)) {
      synchronized (this) {
        looking = false;
      }
    }
  }

  private void look() {
    InetAddress address;
    synchronized (this) {
      address = watched;
      looking = address != null;
    }
    if (address == null) {
      return;
    }
    if (!own.test(address)) {
      synchronized (this) {
        if (address.equals(watched)) {
          watched = null;
          looking = false;
        }
      }
      onLoss.run();
    }
    synchronized (this) {
      if (!looking) {
        return;
      }
    }
    lookLater();
  }
}
