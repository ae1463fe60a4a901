package io.culvert.bridge;

import io.culvert.SocketConnection;
import io.culvert.agent.RelayDialBuilder;
import io.culvert.agent.RelayRefusedException;
import io.culvert.client.TunnelClient;
import io.culvert.connection.TunnelStream;
import io.culvert.jetty.SocketIo;
import io.culvert.jetty.Splice;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.Promise;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A local TCP port whose connections reach the service of a name through a relay. A connection that
 * the relay, the agent or the service has cut short is reset, so that nobody takes it for a clean
 * end. Thread-safe; whoever started it closes it.
 */
public final class Bridge implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Bridge.class);

  /** Threads that wait for the link, each for one connection; others queue behind them. */
  private static final int OPENERS = 16;

  private static final int BACKLOG = 128;

  private final Duration connectTimeout;
  private final Semaphore places;
  private final ServerSocketChannel listener;
  private final InetSocketAddress address;
  private final SocketIo io;
  private final SocketConnection connection;
  private final ExecutorService openers;
  private final CompletableFuture<Void> end = new CompletableFuture<>();

  private Bridge(Builder builder, TunnelClient client) throws IOException {
    connectTimeout = builder.connectTimeout;
    places = new Semaphore(builder.maxConnections);
    listener = ServerSocketChannel.open();
    try {
      listener.bind(builder.listen, BACKLOG);
    } catch (IOException e) {
      listener.close();
      throw new IOException("cannot listen on " + builder.listen + ": " + e.getMessage(), e);
    }
    address = (InetSocketAddress) listener.getLocalAddress();
    io = new SocketIo("bridge", connectTimeout, null);
    openers = Executors.newFixedThreadPool(OPENERS, Bridge::opener);
    connection = client.begin();
    Thread acceptor = new Thread(this::accept, "culvert-bridge-accept");
    acceptor.setDaemon(true);
    acceptor.start();
  }

  private static Thread opener(Runnable task) {
    Thread thread = new Thread(task, "culvert-bridge-open");
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Settings of a bridge.
   *
   * @param relayUrl {@code ws://host:port} or {@code wss://host}
   * @param name whose service is wanted
   * @throws IllegalArgumentException if the URL or the name is none
   */
  public static Builder builder(String relayUrl, String name) {
    return new Builder(relayUrl, name);
  }

  /** Where it listens, with the real port. */
  public InetSocketAddress address() {
    return address;
  }

  /** The connection to the relay. */
  public SocketConnection connection() {
    return connection;
  }

  private void accept() {
    try {
      while (true) {
        places.acquire();
        take(listener.accept());
      }
    } catch (IOException | InterruptedException e) {
      LOG.debug("no more connections are accepted", e);
    }
  }

  private void take(SocketChannel socket) {
    io.accept(
        socket,
        (endPoint, context) ->
            new AbstractConnection.NonBlocking(endPoint, io.executor()) {
              @Override
              public void onOpen() {
                super.onOpen();
                open(endPoint);
              }

              @Override
              public void onFillable() {}
            },
        Promise.from(made -> {}, failure -> places.release()));
  }

  private void open(EndPoint socket) {
    try {
      openers.execute(() -> join(socket));
    } catch (RejectedExecutionException e) {
      refuse(socket, e);
    }
  }

  private void join(EndPoint socket) {
    try {
      TunnelStream stream = connection.streams().open(Map.of(), connectTimeout);
      Splice.between(io.endPoint(stream), socket, io.buffers()).onEnd(this::ended).start();
    } catch (IOException | RuntimeException e) {
      LOG.info("A connection was refused: {}", e.getMessage());
      refuse(socket, e);
    }
  }

  private void refuse(EndPoint socket, Exception why) {
    SocketIo.abort(socket, why);
    places.release();
  }

  private void ended(Splice.Outcome outcome) {
    places.release();
    if (outcome.failure() != null) {
      LOG.info("A connection was cut: {}", outcome.failure().getMessage());
    }
  }

  private void givenUp(IOException why) {
    end.completeExceptionally(RelayRefusedException.of(why));
    stopAccepting();
  }

  /**
   * Waits until the bridge has ended: returns when it was closed.
   *
   * @throws RelayRefusedException if the relay does not want it, or dialing was given up
   */
  public void awaitEnd() throws InterruptedException, RelayRefusedException {
    try {
      end.get();
    } catch (ExecutionException e) {
      throw (RelayRefusedException) e.getCause();
    }
  }

  /** {@link #close(Duration)} with {@link SocketConnection#CLOSE_TIMEOUT}. */
  @Override
  public void close() {
    close(SocketConnection.CLOSE_TIMEOUT);
  }

  /**
   * Accepts no more, lets connections finish for at most {@code timeout}, then cuts what is left
   * and ends every thread. Idempotent.
   */
  public void close(Duration timeout) {
    stopAccepting();
    connection.close(timeout);
    openers.shutdownNow();
    io.close();
    end.complete(null);
  }

  private void stopAccepting() {
    try {
      listener.close();
    } catch (IOException e) {
      LOG.debug("the listening socket did not close", e);
    }
  }

  /** Settings of a {@link Bridge}. Not thread-safe. */
  public static final class Builder extends RelayDialBuilder<Builder> {
    private InetSocketAddress listen = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private Duration connectTimeout = Duration.ofSeconds(10);
    private int maxConnections = 1_000;

    private Builder(String relayUrl, String name) {
      super(TunnelClient.builder(relayUrl).connectTo(name));
    }

    @Override
    protected Builder self() {
      return this;
    }

    /** Where to listen. Default: a free port of the loopback interface. */
    public Builder listen(InetSocketAddress on) {
      listen = Objects.requireNonNull(on, "address");
      return this;
    }

    /** How long a connection waits for the relay before it is reset. Default 10 s. */
    public Builder connectTimeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("connect timeout must be positive: " + timeout);
      }
      connectTimeout = timeout;
      return this;
    }

    /** The most connections at once; further ones wait to be accepted. Default 1,000. */
    public Builder maxConnections(int most) {
      if (most < 1) {
        throw new IllegalArgumentException("at least one is needed, but got " + most);
      }
      maxConnections = most;
      return this;
    }

    /**
     * Listens, begins to dial, and returns.
     *
     * @throws IOException if it cannot listen there; the message names the address
     * @throws IllegalArgumentException if the settings do not fit together
     */
    public Bridge start() throws IOException {
      CompletableFuture<IOException> givenUp = new CompletableFuture<>();
      client.onEvent(onEvent).onGivenUp(givenUp::complete);
      Bridge bridge = new Bridge(this, client.build());
      CompletableFuture<?> unused = givenUp.thenAccept(bridge::givenUp);
      return bridge;
    }
  }
}
