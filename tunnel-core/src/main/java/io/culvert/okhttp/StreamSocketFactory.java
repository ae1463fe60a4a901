package io.culvert.okhttp;

import io.culvert.connection.StreamConnection;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.SocketFactory;

/**
 * Makes sockets that are streams of one connection; hosts and ports are not looked at. Thread-safe.
 *
 * <p>An {@code OkHttpClient} built with it alone needs a {@code Dns} that resolves the hosts it
 * uses, {@code Proxy.NO_PROXY} and a {@code ConnectionPool} of its own: OkHttp's pool does not tell
 * socket factories apart. {@link TunnelInterceptor} takes care of all that. {@code https} URLs get
 * TLS from end to end this way.
 */
public final class StreamSocketFactory extends SocketFactory {
  private final StreamConnection connection;
  private final StreamOpener opener;
  private final Supplier<Map<String, String>> attributes;

  /** Sockets whose streams say that they carry {@code http}. */
  public StreamSocketFactory(StreamConnection connection) {
    this(connection, connection::open, () -> Map.of("scheme", "http"));
  }

  /** Asks for the attributes of a stream when it is opened. */
  StreamSocketFactory(
      StreamConnection connection, StreamOpener opener, Supplier<Map<String, String>> attributes) {
    this.connection = connection;
    this.opener = opener;
    this.attributes = attributes;
  }

  @Override
  public Socket createSocket() throws IOException {
    return new StreamSocket(connection, opener, attributes);
  }

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return connected(InetSocketAddress.createUnresolved(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return connected(new InetSocketAddress(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress localHost, int localPort)
      throws IOException {
    return createSocket(host, port);
  }

  private Socket connected(InetSocketAddress address) throws IOException {
    Socket socket = createSocket();
    socket.connect(address);
    return socket;
  }
}
