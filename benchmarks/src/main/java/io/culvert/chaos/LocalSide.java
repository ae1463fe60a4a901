package io.culvert.chaos;

import io.culvert.ConnectionBuilder;
import io.culvert.ConnectionEvent;
import io.culvert.SocketConnection;
import io.culvert.client.ReconnectPolicy;
import io.culvert.client.TunnelClient;
import io.culvert.connection.LinkStatistics;
import io.culvert.server.TunnelServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A side in this process. Its threads are daemons. */
final class LocalSide implements Side {
  private static final Logger LOG = LoggerFactory.getLogger(LocalSide.class);

  /** Short, so that a black hole is found within a second. */
  private static final Duration HEARTBEAT = Duration.ofMillis(500);

  /** Bounds a dial or a handshake into a black hole. */
  private static final Duration HANDSHAKE = Duration.ofSeconds(2);

  /** The first delay is the default's; the later ones are short, because many dials are cut. */
  private static final ReconnectPolicy RECONNECT =
      new ReconnectPolicy(
          ReconnectPolicy.DEFAULT.first(),
          Duration.ofMillis(250),
          Duration.ofSeconds(1),
          Duration.ZERO);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(30);

  private final String name;
  private final Amounts amounts;
  private final long seed;
  private final CompletableFuture<SocketConnection> connection = new CompletableFuture<>();

  /** Null on the client's side. */
  private final TunnelServer server;

  // Guarded by this.
  private Load load;
  private CompletableFuture<Void> done = new CompletableFuture<>();

  private LocalSide(String name, Amounts amounts, long seed, TunnelServer server) {
    this.name = name;
    this.amounts = amounts;
    this.seed = seed;
    this.server = server;
  }

  /** A server on loopback, which takes one connection. */
  static LocalSide server(Amounts amounts, long seed) throws IOException {
    TunnelServer server =
        settings(TunnelServer.builder())
            .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .build();
    LocalSide side = new LocalSide("server", amounts, seed, server);
    server.onConnection(side::connected);
    server.start();
    return side;
  }

  /** A client of the server at this port of loopback, connected. */
  static LocalSide client(Amounts amounts, long seed, int port, Listener listener)
      throws IOException {
    LocalSide side = new LocalSide("client", amounts, seed, null);
    side.connected(
        settings(TunnelClient.builder("ws://127.0.0.1:" + port))
            .reconnect(RECONNECT)
            .dialTimeout(HANDSHAKE)
            .onEvent(event -> tell(listener, event))
            .build()
            .connect());
    return side;
  }

  private static <B extends ConnectionBuilder<B>> B settings(B builder) {
    return builder.heartbeat(HEARTBEAT, HEARTBEAT).handshakeTimeout(HANDSHAKE);
  }

  private static void tell(Listener listener, ConnectionEvent event) {
    LOG.debug("{}", event);
    switch (event.type()) {
      case RECEIVED -> {}
      case DETACHED -> listener.detached();
      case RESUMED -> listener.resumed();
      case CLOSED, FAILED -> listener.ended(event.reason());
    }
  }

  private void connected(SocketConnection made) {
    made.serve(new Service(amounts.posts()).application());
    connection.complete(made);
  }

  private SocketConnection connection() throws IOException {
    try {
      return connection.get(CONNECT_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IOException("no connection has come", e);
    }
  }

  /** Where the server listens. */
  InetSocketAddress address() {
    return server.address();
  }

  @Override
  public synchronized void go() throws IOException {
    load = new Load(name, connection(), amounts, seed);
    done = load.start();
  }

  @Override
  public synchronized Report report() throws IOException {
    LinkStatistics link = server == null ? connection().linkStatistics() : server.linkStatistics();
    return new Report(
        done.isDone(),
        load == null ? List.of() : load.tallies(),
        load == null ? List.of() : load.failures(),
        link);
  }

  @Override
  public Sample sample() throws IOException {
    return Sample.take(connection().activeStreams());
  }

  @Override
  public void migrate() throws IOException {
    SocketConnection moved = connection();
    Thread thread =
        new Thread(
            () -> {
              try {
                moved.migrate();
              } catch (IOException e) {
                LOG.info("The connection was not moved: {}", e.getMessage());
              }
            },
            "chaos-migrate");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public String threads() {
    return Thread.getAllStackTraces().entrySet().stream()
        .map(LocalSide::describe)
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static String describe(Map.Entry<Thread, StackTraceElement[]> thread) {
    String frames =
        Arrays.stream(thread.getValue())
            .limit(12)
            .map(frame -> "\n    " + frame)
            .collect(Collectors.joining());
    return thread.getKey().getName() + " " + thread.getKey().getState() + frames;
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    } else if (connection.isDone()) {
      connection.join().close();
    }
  }
}
