package io.culvert.client;

import io.culvert.ConnectionEvent;
import io.culvert.ConnectionEvents;
import io.culvert.SocketConnection;
import io.culvert.connection.Connection;
import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.connection.Delivered;
import io.culvert.connection.Resumption;
import io.culvert.connection.TunnelException;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import io.culvert.servlet.ServletHosts;
import io.culvert.websocket.UpgradeException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One {@link SocketConnection} of a client: dials it, gives its connection another WebSocket when
 * it has lost one, dials a new connection when it has ended, and ends its threads when the
 * application ends it or dialing is given up. Thread-safe.
 */
final class Dialed {
  private static final Logger LOG = LoggerFactory.getLogger(Dialed.class);

  /** How long the end of the last connection may take to reach its listeners. */
  private static final Duration END_TIMEOUT = Duration.ofSeconds(5);

  private final TunnelClient.Settings settings;
  private final ConnectionRuntime runtime;
  private final ConnectionEvents events;
  private final ServletHosts hosts = new ServletHosts();
  private final SocketConnection.Control control;
  private final AtomicBoolean released = new AtomicBoolean();
  private final AddressWatch addresses;

  /** Guarded by this object's monitor. Empty: the connection is not dialed again. */
  private final Optional<Backoff> backoff;

  /** Guarded by this object's monitor: threads that dial again at the moment. */
  private final Set<Thread> redialing = new HashSet<>();

  /** Guarded by this object's monitor: the latest whose WebSocket opened; null before the first. */
  private Attempt latest;

  /** Guarded by this object's monitor: the one that new calls use; null before the first. */
  private Attempt current;

  /** Guarded by this object's monitor: those whose last callback has not run. */
  private final Set<Attempt> running = new HashSet<>();

  /** Guarded by this object's monitor: a new connection is to be dialed, now or later. */
  private boolean replacing;

  Dialed(TunnelClient.Settings settings, ConnectionRuntime runtime) {
    this.settings = settings;
    this.runtime = runtime;
    this.events = new ConnectionEvents(runtime.executor());
    this.backoff = settings.reconnect().map(policy -> new Backoff(policy, runtime.random()));
    this.control =
        SocketConnection.create(
            hosts, settings.endToEndTls(), settings.retry(), this::migrate, null, this::release);
    this.addresses = new AddressWatch(runtime, settings.ownAddress(), this::moveAway);
    events.listen(settings.listener());
  }

  SocketConnection connect() throws IOException {
    try {
      dial();
    } catch (IOException | RuntimeException e) {
      control.ended();
      throw e;
    }
    return control.connection();
  }

  /** Dials elsewhere, for as long as it takes. */
  SocketConnection begin() {
    synchronized (this) {
      replacing = true;
    }
    runtime.executor().execute(this::redial);
    return control.connection();
  }

  private void dial() throws IOException {
    Attempt attempt = new Attempt();
    settings.dial(attempt.connection.socketListener());
    synchronized (this) {
      latest = attempt;
      if (!attempt.over) {
        running.add(attempt);
      }
    }
    attempt.connection.awaitEstablished();
    attempt.takePlace();
    if (control.over()) {
      attempt.connection.abort("closed by the application while it was being dialed");
    }
  }

  private void redial() {
    try {
      if (beginRedial()) {
        try {
          dial();
        } finally {
          endRedial();
        }
      }
    } catch (UpgradeException e) {
      retryUnless(refusedForGood(e.status()), e);
    } catch (TunnelException e) {
      retryUnless(refusedForGood(e.code()), e);
    } catch (IOException e) {
      retry(e);
    }
  }

  private synchronized boolean beginRedial() {
    if (control.over()) {
      return false;
    }
    redialing.add(Thread.currentThread());
    return true;
  }

  private synchronized void endRedial() {
    redialing.remove(Thread.currentThread());
    // The interrupt was finish()'s and has done its work.
    Thread.interrupted();
    notifyAll(); // finish() waits for this thread
  }

  /** The server knows this dialer and does not want it, or is no server for it: asking is rude. */
  private static boolean refusedForGood(int status) {
    return switch (status) {
      case 408, 409, 425, 429 -> false;
      default -> status >= 400 && status < 500;
    };
  }

  private static boolean refusedForGood(ErrorCode code) {
    return code == ErrorCode.UNSUPPORTED_VERSION
        || code == ErrorCode.METADATA_TOO_LARGE
        || code == ErrorCode.FORBIDDEN
        || code == ErrorCode.REPLACED;
  }

  /** A new connection is needed, unless one is on its way. */
  private void replace(boolean forGood, IOException why) {
    synchronized (this) {
      if (replacing) {
        return;
      }
      replacing = true;
    }
    retryUnless(forGood, why);
  }

  private void retryUnless(boolean forGood, IOException why) {
    if (forGood) {
      giveUp(why);
    } else {
      retry(why);
    }
  }

  private void giveUp(IOException why) {
    if (!control.over()) {
      LOG.warn("Not dialing {} again: {}", settings.dial(), why.getMessage());
      settings.givenUp().accept(why);
    }
    control.ended();
  }

  private void retry(IOException why) {
    Optional<Duration> delay;
    synchronized (this) {
      delay = control.over() ? Optional.empty() : backoff.flatMap(b -> b.next(runtime.now()));
    }
    if (delay.isPresent() && runtime.later(delay.get(), this::redial)) {
      LOG.info(
          "Dialing {} again in {} ms: {}",
          settings.dial(),
          delay.get().toMillis(),
          why.getMessage());
    } else {
      giveUp(why);
    }
  }

  // The same connection on another WebSocket.

  private void resumeLater(Attempt attempt, String why) {
    Optional<Duration> delay;
    synchronized (this) {
      delay = attempt.resumes.next(runtime.now());
    }
    if (delay.isPresent() && runtime.later(delay.get(), () -> resume(attempt))) {
      LOG.info("Resuming on {} in {} ms: {}", settings.dial(), delay.get().toMillis(), why);
    }
  }

  /** What becomes of it the connection tells: resumed, resumeFailed or ended. */
  private void resume(Attempt attempt) {
    if (!attempt.beginResume()) {
      return;
    }
    try {
      settings.dial(attempt.connection.nextSocket());
    } catch (UpgradeException e) {
      if (refusedForGood(e.status())) {
        attempt.connection.abort("the server refuses to resume it: " + e.getMessage());
      } else {
        resumeLater(attempt, e.getMessage());
      }
    } catch (IOException e) {
      resumeLater(attempt, String.valueOf(e.getMessage()));
    } finally {
      endRedial();
    }
  }

  /** The network has changed: the socket would be found dead by the heartbeat only. */
  private void moveAway() {
    if (beginRedial()) {
      try {
        migrate();
      } catch (IOException | UnsupportedOperationException e) {
        LOG.info("Not moved to another network yet: {}", e.getMessage());
      } finally {
        endRedial();
      }
    }
  }

  /** Moves the connection to a new WebSocket, which is dialed before the old one is given up. */
  private void migrate() throws IOException {
    Attempt attempt;
    synchronized (this) {
      attempt = latest;
    }
    settings.dial(attempt.connection.nextSocket());
  }

  private void release() {
    if (released.compareAndSet(false, true)) {
      // Not on the caller's thread: it may be one of the threads that end here.
      new Thread(this::finish, "culvert-client-closer").start();
    }
  }

  private void finish() {
    awaitLastEnd();
    events.close();
    hosts.close();
    runtime.close();
  }

  /** Until then events are still to be published. */
  private synchronized void awaitLastEnd() {
    redialing.forEach(Thread::interrupt);
    for (Attempt attempt : running) {
      if (attempt != latest) {
        // It was drained by the server, and what still ran on it had its time.
        attempt.connection.close(ErrorCode.GOING_AWAY, "closed by the application");
      }
    }
    long deadline = System.nanoTime() + END_TIMEOUT.toNanos();
    try {
      while (!redialing.isEmpty() || !running.isEmpty()) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return;
        }
        wait(left); // for endRedial() and the listener's ended()
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** One connection, from the dial to its end. */
  private final class Attempt implements ConnectionListener {
    final Connection connection = settings.protocol().connection(runtime, this);

    /** Guarded by the monitor of Dialed. */
    private boolean inPlace;

    /** Guarded by the monitor of Dialed: its last callback has run. */
    private boolean over;

    /** Guarded by the monitor of Dialed: its connection has no WebSocket and is to get one. */
    private boolean detached;

    /** Guarded by the monitor of Dialed. */
    private final Backoff resumes =
        new Backoff(
            settings.reconnect().orElse(ReconnectPolicy.DEFAULT).giveUpAfter(Duration.ZERO),
            runtime.random());

    /** This thread is going to dial; false if the connection needs no WebSocket any more. */
    private boolean beginResume() {
      synchronized (Dialed.this) {
        if (over || !detached) {
          return false;
        }
        redialing.add(Thread.currentThread());
        return true;
      }
    }

    /**
     * Puts the connection in the place of the one before. The dialing thread does it before it
     * returns, and the first callback before all others, whichever comes first: an end that follows
     * at once then finds the connection in its place, and the next dial comes after it.
     */
    void takePlace() {
      synchronized (Dialed.this) {
        if (!inPlace) {
          inPlace = true;
          replacing = false;
          current = this;
          if (backoff.isPresent()) {
            backoff.get().connected(runtime.now());
            control.attach(connection);
          } else {
            control.attachLast(connection);
          }
        }
      }
    }

    @Override
    public void established(Connection c) {
      takePlace();
      events.publish(ConnectionEvent.received(c));
      addresses.watch(c.localAddress());
    }

    @Override
    public void detached(Connection c, String reason) {
      synchronized (Dialed.this) {
        detached = true;
      }
      events.publish(ConnectionEvent.detached(c, reason));
      resumeLater(this, reason);
    }

    @Override
    public void resumeFailed(Connection c, String reason) {
      resumeLater(this, reason);
    }

    @Override
    public void resumed(Connection c, Resumption resumption) {
      synchronized (Dialed.this) {
        detached = false;
        resumes.proved();
      }
      events.publish(ConnectionEvent.resumed(c, resumption));
      if (isCurrent()) {
        addresses.watch(c.localAddress());
      }
    }

    @Override
    public void pinged(Connection c, byte[] data) {
      settings.pings().onPing(control.connection(), data);
    }

    @Override
    public void ponged(Connection c, byte[] data, Duration roundTrip) {
      settings.pings().onPong(control.connection(), data, roundTrip);
    }

    @Override
    public void peerGoingAway(Connection c) {
      control.peerGoingAway();
      if (backoff.isPresent() && isCurrent()) {
        // Before this one ends: what runs on it goes on, and new calls need not wait for its end.
        replace(false, new IOException("the server takes no new calls on this connection"));
      }
    }

    private boolean isCurrent() {
      synchronized (Dialed.this) {
        return current == this;
      }
    }

    @Override
    public void ended(Connection c, EngineEnd end) {
      try {
        // A handshake that has failed is reported by whoever dialed.
        if (!c.id().isEmpty()) {
          events.publish(ConnectionEvent.ended(c, end));
          if (isCurrent()) {
            replace(
                refusedForGood(end.code()),
                new TunnelException(end.code(), Delivered.NO, end.reason(), null));
          }
        }
      } finally {
        synchronized (Dialed.this) {
          over = true;
          running.remove(this);
          Dialed.this.notifyAll(); // awaitLastEnd()
        }
      }
    }
  }
}
