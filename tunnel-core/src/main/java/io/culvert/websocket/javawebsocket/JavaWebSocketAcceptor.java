package io.culvert.websocket.javawebsocket;

import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.MissingLibraryException;
import io.culvert.websocket.UpgradeHandler;
import io.culvert.websocket.WebSocketAcceptor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A {@link WebSocketAcceptor} over Java-WebSocket. */
public final class JavaWebSocketAcceptor implements WebSocketAcceptor {
  private static final Logger log = LoggerFactory.getLogger(JavaWebSocketAcceptor.class);

  /** More loops than this gain nothing: a loop does little but copy. */
  private static final int MAX_LOOPS = 4;

  /** Out of file descriptors: accepting again at once would only spin. */
  private static final Duration ACCEPT_PAUSE = Duration.ofMillis(100);

  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(10);

  private final InetSocketAddress requested;
  private final Limits limits;
  private final SSLContext tls;
  private final String threadPrefix;

  // Guarded by this.
  private final List<IoLoop> loops = new ArrayList<>();
  private ServerSocketChannel server;
  private InetSocketAddress bound;
  private boolean closed;

  /** Accepting thread only. */
  private int nextLoop;

  /**
   * Its threads are named {@code <prefix>-io-<number>}; until {@link #close} the first of them
   * keeps the JVM from ending.
   *
   * @throws io.culvert.websocket.MissingLibraryException if Java-WebSocket is not there
   */
  public JavaWebSocketAcceptor(ListenRequest request) {
    MissingLibraryException.require(
        JavaWebSocketAcceptor.class,
        JavaWebSocketDialer.LIBRARY_CLASS,
        JavaWebSocketDialer.LIBRARY);
    this.requested = Objects.requireNonNull(request.address(), "address");
    this.limits = request.limits();
    this.tls = request.tls();
    this.threadPrefix = request.threadPrefix();
  }

  @Override
  public synchronized void start(UpgradeHandler handler) throws IOException {
    Objects.requireNonNull(handler, "handler");
    if (server != null || closed) {
      throw new IllegalStateException("an acceptor is started once, and not after it was closed");
    }
    ServerSocketChannel channel = ServerSocketChannel.open();
    try {
      channel.bind(requested);
      channel.configureBlocking(false);
      int count = Math.min(MAX_LOOPS, Runtime.getRuntime().availableProcessors());
      for (int i = 0; i < count; i++) {
        // The first keeps the JVM up: who starts a server wants it to run after main has returned.
        loops.add(new IoLoop(threadPrefix + "-io-" + i, i > 0));
      }
    } catch (IOException | RuntimeException e) {
      channel.close();
      String why = requested.isUnresolved() ? "the host is not known" : e.getMessage();
      throw new IOException("cannot listen on " + requested + ": " + why, e);
    }
    server = channel;
    bound = (InetSocketAddress) channel.getLocalAddress();
    loops.forEach(IoLoop::start);
    Accepting accepting = new Accepting(channel, List.copyOf(loops), handler);
    loops.get(0).execute(accepting::register);
  }

  @Override
  public synchronized InetSocketAddress address() {
    if (bound == null) {
      throw new IllegalStateException("the acceptor was not started");
    }
    return bound;
  }

  @Override
  public synchronized void stopListening() {
    if (server == null) {
      return;
    }
    try {
      server.close();
    } catch (IOException e) {
      log.warn("the listening socket did not close", e);
    }
    // The port is free only after the selector has dropped its key.
    loops.get(0).wakeup();
  }

  @Override
  public void close() {
    List<IoLoop> ending;
    synchronized (this) {
      closed = true;
      stopListening();
      ending = List.copyOf(loops);
    }
    ending.forEach(IoLoop::stop);
    long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
    try {
      for (IoLoop loop : ending) {
        loop.join(Duration.ofNanos(deadline - System.nanoTime()));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The listening socket in the first loop; hands each new socket to the next loop. */
  private final class Accepting implements IoLoop.Handler {
    private final ServerSocketChannel channel;
    private final List<IoLoop> targets;
    private final UpgradeHandler handler;

    Accepting(ServerSocketChannel channel, List<IoLoop> targets, UpgradeHandler handler) {
      this.channel = channel;
      this.targets = targets;
      this.handler = handler;
    }

    void register() {
      try {
        targets.get(0).register(channel, SelectionKey.OP_ACCEPT, this);
      } catch (IOException e) {
        log.debug("closed before it listened", e);
      }
    }

    @Override
    public void onReady(SelectionKey key) {
      try {
        for (SocketChannel socket = channel.accept(); socket != null; socket = channel.accept()) {
          hand(socket);
        }
      } catch (IOException e) {
        if (channel.isOpen()) {
          log.warn("cannot accept, trying again in {} ms", ACCEPT_PAUSE.toMillis(), e);
          key.interestOps(0);
          targets.get(0).schedule(ACCEPT_PAUSE, () -> resume(key));
        }
      }
    }

    private void resume(SelectionKey key) {
      if (key.isValid()) {
        key.interestOps(SelectionKey.OP_ACCEPT);
      }
    }

    private void hand(SocketChannel socket) {
      IoLoop loop = targets.get(nextLoop);
      nextLoop = (nextLoop + 1) % targets.size();
      loop.execute(() -> begin(loop, socket));
    }

    private void begin(IoLoop loop, SocketChannel socket) {
      try {
        if (loop.stopping()) {
          throw new IOException("the acceptor was closed");
        }
        Wire wire = new Wire(loop, socket, () -> {});
        AcceptPhase phase = new AcceptPhase(wire, handler, limits);
        phase.start();
        wire.start(serverEngine(), phase);
      } catch (IOException | RuntimeException e) {
        log.debug("a new socket was dropped", e);
        closeQuietly(socket);
      }
    }

    private void closeQuietly(SocketChannel socket) {
      try {
        socket.close();
      } catch (IOException e) {
        log.debug("a dropped socket did not close", e);
      }
    }

    @Override
    public void onLoopEnd() {
      try {
        channel.close();
      } catch (IOException e) {
        log.warn("the listening socket did not close", e);
      }
    }
  }

  private SSLEngine serverEngine() {
    if (tls == null) {
      return null;
    }
    SSLEngine engine = tls.createSSLEngine();
    engine.setUseClientMode(false);
    return engine;
  }
}
