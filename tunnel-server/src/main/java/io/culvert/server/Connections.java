package io.culvert.server;

import io.culvert.ConnectionBuilder.PingListener;
import io.culvert.ConnectionEvent;
import io.culvert.ConnectionEvents;
import io.culvert.SocketConnection;
import io.culvert.connection.Connection;
import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.connection.EngineConnection;
import io.culvert.connection.Links;
import io.culvert.connection.Resumption;
import io.culvert.engine.EngineConfig;
import io.culvert.engine.EngineEnd;
import io.culvert.frame.ErrorCode;
import io.culvert.frame.Wire;
import io.culvert.okhttp.RetryPolicy;
import io.culvert.servlet.ServletHosts;
import io.culvert.swaggersocket.SwaggerConnection;
import io.culvert.swaggersocket.SwaggerSettings;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.UpgradeRequest;
import io.culvert.websocket.WebSocketListener;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections of one server: lets them in, keeps them by id, and ends them. Thread-safe. */
final class Connections implements UpgradeHandler {
  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

  /** Who is let in, and what they get. */
  record Policy(
      Admission.Policy admission,
      int maxConnections,
      PingListener pings,
      boolean endToEndTls,
      RetryPolicy retry) {}

  /**
   * What is spoken.
   *
   * @param swagger settings for dialers that offer no subprotocol; empty: they are refused
   */
  record Protocols(EngineConfig engine, Optional<SwaggerSettings> swagger) {}

  private final ConnectionRuntime runtime;
  private final Protocols protocols;
  private final Policy policy;
  private final ConnectionEvents events;
  private final ServletHosts hosts;
  private final Links links;
  private final ConcurrentHashMap<String, SocketConnection> established = new ConcurrentHashMap<>();

  /** Sockets whose upgrade was accepted and that have not ended. */
  private final AtomicInteger sockets = new AtomicInteger();

  /** Guarded by itself: those that have not had their last callback. */
  private final Set<Member> members = new HashSet<>();

  private volatile Consumer<? super SocketConnection> handler = connection -> {};
  private volatile ConnectionWatcher watcher = ConnectionWatcher.NONE;
  private volatile boolean stopping;

  Connections(
      ConnectionRuntime runtime,
      Protocols protocols,
      Policy policy,
      ConnectionEvents events,
      ServletHosts hosts,
      Links links) {
    this.links = links;
    this.runtime = runtime;
    this.protocols = protocols;
    this.policy = policy;
    this.events = events;
    this.hosts = hosts;
  }

  void onConnection(Consumer<? super SocketConnection> connectionHandler) {
    handler = connectionHandler;
  }

  void watch(ConnectionWatcher by) {
    watcher = by;
  }

  Collection<SocketConnection> active() {
    return List.copyOf(established.values());
  }

  Optional<SocketConnection> byId(String id) {
    return Optional.ofNullable(established.get(id));
  }

  @Override
  public Upgrade onUpgrade(UpgradeRequest request) {
    if (stopping) {
      return new Upgrade.Refuse(503, "the server is stopping");
    }
    Admission admission =
        Objects.requireNonNull(
            policy.admission().admit(request), "the admission policy returned null");
    return admission instanceof Admission.Refused refused
        ? refused.answer()
        : accept(request, (Admission.Admitted) admission);
  }

  private Upgrade accept(UpgradeRequest request, Admission.Admitted admitted) {
    boolean swagger = request.subprotocols().isEmpty() && protocols.swagger().isPresent();
    if (!swagger && !request.subprotocols().contains(Wire.SUBPROTOCOL)) {
      return new Upgrade.Refuse(
          400, "this server speaks the WebSocket subprotocol " + Wire.SUBPROTOCOL + " only");
    }
    if (swagger && !Origins.same(request)) {
      return new Upgrade.Refuse(403, "the Origin is not this server's");
    }
    if (sockets.get() >= policy.maxConnections()) {
      return new Upgrade.Refuse(
          503, "the limit of " + policy.maxConnections() + " connections is reached");
    }
    return swagger ? accept(protocols.swagger().get(), admitted) : acceptEngine(admitted);
  }

  private Upgrade acceptEngine(Admission.Admitted admitted) {
    Member member =
        new Member(
            m ->
                EngineConnection.acceptor(
                    runtime, protocols.engine(), links, admitted.principal(), m),
            admitted.attachment());
    return new Upgrade.Accept(Wire.SUBPROTOCOL, member.listener(), Wire.MAX_PACKET);
  }

  private Upgrade accept(SwaggerSettings settings, Admission.Admitted admitted) {
    Member member =
        new Member(m -> SwaggerConnection.acceptor(runtime, settings, m), admitted.attachment());
    return new Upgrade.Accept(null, member.listener(), settings.maxMessageBytes());
  }

  /** Waits until every connection's end was published; false if that took longer. */
  boolean awaitEnded(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    synchronized (members) {
      try {
        while (!members.isEmpty()) {
          long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
          if (left <= 0) {
            return false;
          }
          members.wait(left); // for a member's ended()
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
      return true;
    }
  }

  /** Ends all connections at once, in order, each within the timeout. */
  void closeAll(Duration timeout) {
    stopping = true;
    Collection<SocketConnection> all = active();
    CountDownLatch closed = new CountDownLatch(all.size());
    for (SocketConnection connection : all) {
      runtime
          .executor()
          .execute(
              () -> {
                try {
                  connection.close(timeout);
                } finally {
                  closed.countDown();
                }
              });
    }
    try {
      // Each close is bounded by the timeout and the WebSocket's own close timeout.
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    List<Member> left;
    synchronized (members) {
      left = List.copyOf(members);
    }
    left.forEach(member -> member.connection.abort("the server has stopped"));
  }

  private void tell(Consumer<ConnectionWatcher> what) {
    try {
      what.accept(watcher);
    } catch (RuntimeException e) {
      LOG.warn("The watcher of connections has failed", e);
    }
  }

  private static void cannotMigrate() {
    throw new UnsupportedOperationException("only the side that dialed can move a connection");
  }

  /** One connection, from the upgrade of its first socket on. */
  final class Member implements ConnectionListener {
    final Connection connection;
    private final SocketConnection.Control control;

    Member(Function<ConnectionListener, Connection> maker, Object attachment) {
      control =
          SocketConnection.create(
              hosts,
              policy.endToEndTls(),
              policy.retry(),
              Connections::cannotMigrate,
              attachment,
              () -> {});
      connection = maker.apply(this);
    }

    WebSocketListener listener() {
      return new MembershipListener(connection.socketListener(), this);
    }

    void opened() {
      sockets.incrementAndGet();
      synchronized (members) {
        members.add(this);
      }
    }

    void closed() {
      sockets.decrementAndGet();
    }

    @Override
    public void established(Connection c) {
      control.attachLast(c);
      established.put(c.id(), control.connection());
      events.publish(ConnectionEvent.received(c));
      if (stopping) {
        control.connection().close(Duration.ZERO);
        return;
      }
      try {
        handler.accept(control.connection());
      } catch (RuntimeException | Error e) {
        LOG.warn("The handler of connection {} has failed; the connection is closed", c.id(), e);
        c.close(ErrorCode.INTERNAL_ERROR, "the acceptor's handler for connections has failed");
      }
    }

    @Override
    public void detached(Connection c, String reason) {
      events.publish(ConnectionEvent.detached(c, reason));
      tell(w -> w.detached(control.connection()));
    }

    @Override
    public void resumed(Connection c, Resumption resumption) {
      events.publish(ConnectionEvent.resumed(c, resumption));
      tell(w -> w.resumed(control.connection()));
    }

    @Override
    public void pinged(Connection c, byte[] data) {
      policy.pings().onPing(control.connection(), data);
    }

    @Override
    public void ponged(Connection c, byte[] data, Duration roundTrip) {
      policy.pings().onPong(control.connection(), data, roundTrip);
    }

    @Override
    public void peerGoingAway(Connection c) {
      control.peerGoingAway();
    }

    @Override
    public void ended(Connection c, EngineEnd end) {
      try {
        if (!c.id().isEmpty()) {
          established.remove(c.id());
          events.publish(ConnectionEvent.ended(c, end));
          tell(w -> w.ended(control.connection(), end.code(), end.reason()));
        } else if (!end.orderly()) {
          LOG.info("A handshake with {} has failed: {}", c.remoteAddress(), end.reason());
        }
        control.ended();
      } finally {
        synchronized (members) {
          members.remove(this);
          members.notifyAll(); // awaitEnded()
        }
      }
    }
  }
}
