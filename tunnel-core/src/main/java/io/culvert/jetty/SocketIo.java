package io.culvert.jetty;

import io.culvert.connection.TunnelStream;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.ArrayByteBufferPool;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.ClientConnectionFactory;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The threads, buffers and selector of sockets that are joined with streams; all its own.
 * Thread-safe. Whoever made it closes it, which closes the sockets too.
 */
public final class SocketIo implements AutoCloseable {
  /** Nothing that runs on them waits, but for the selector. */
  private static final int MAX_THREADS = 16;

  /** Buffers that are kept for the next user. */
  private static final long MAX_POOLED_BYTES = 8 << 20;

  private final ClientConnector connector = new ClientConnector();

  /**
   * Starts it.
   *
   * @param name goes into the names of the threads: {@code culvert-name-...}
   * @param connectTimeout for each socket
   * @param tls for those who connect with TLS; null if nobody does. Started and stopped with this
   */
  public SocketIo(String name, Duration connectTimeout, SslContextFactory.Client tls) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
    threads.setName("culvert-" + name);
    threads.setDaemon(true);
    connector.setExecutor(threads);
    connector.setScheduler(new ScheduledExecutorScheduler("culvert-" + name + "-timer", true));
    connector.setByteBufferPool(
        new ArrayByteBufferPool(0, 4096, 1 << 16, 1024, MAX_POOLED_BYTES, MAX_POOLED_BYTES));
    connector.setConnectTimeout(connectTimeout);
    connector.setIdleTimeout(Duration.ZERO);
    connector.setSslContextFactory(tls == null ? new SslContextFactory.Client() : tls);
    LifeCycle.start(connector);
  }

  /** Runs what does not wait. */
  public Executor executor() {
    return connector.getExecutor();
  }

  /** Tells the time to end points. */
  public Scheduler scheduler() {
    return connector.getScheduler();
  }

  /** Buffers. */
  public ByteBufferPool buffers() {
    return connector.getByteBufferPool();
  }

  /** A stream, to be joined with a socket. */
  public StreamEndPoint endPoint(TunnelStream stream) {
    return new StreamEndPoint(stream, scheduler(), executor(), executor());
  }

  /**
   * Connects a socket without waiting for it.
   *
   * @param address resolved if it is one of TCP
   * @param connections makes what gets the end point
   * @param onFailure called, instead of {@code connections}, if it cannot be connected
   */
  public void connect(
      SocketAddress address, ClientConnectionFactory connections, Promise<Connection> onFailure) {
    SocketTransport transport = new SocketTransport(address);
    transport.connect(address, context(transport, connections, onFailure));
  }

  /** Takes a socket that is connected already; otherwise like {@link #connect}. */
  public void accept(
      SocketChannel socket, ClientConnectionFactory connections, Promise<Connection> onFailure) {
    connector.accept(
        socket,
        context(
            new SocketTransport(socket.socket().getRemoteSocketAddress()), connections, onFailure));
  }

  /** Closes a socket so that its peer cannot take it for a clean end. */
  public static void abort(EndPoint socket, Throwable why) {
    EndPoints.abort(socket, why);
  }

  private Map<String, Object> context(
      Transport transport, ClientConnectionFactory connections, Promise<Connection> promise) {
    Map<String, Object> context = new HashMap<>();
    context.put(ClientConnector.CONTEXT_KEY, connector);
    context.put(Transport.CONTEXT_KEY, transport);
    context.put(ClientConnectionFactory.CONTEXT_KEY, connections);
    context.put(ClientConnector.CONNECTION_PROMISE_CONTEXT_KEY, promise);
    return context;
  }

  @Override
  public void close() {
    LifeCycle.stop(connector);
  }
}
