package io.culvert.websocket.jetty;

import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.Promise;
import org.eclipse.jetty.util.SocketAddressResolver;

/**
 * Gives each address of a host its share of the time for connecting, so that one that swallows
 * packets leaves time for the others. The last one needs no limit of its own.
 */
final class Addresses implements ClientConnector.ConnectListener {
  private final ClientConnector connector;
  private final Duration timeout;

  /** Empty until the name is resolved. */
  private volatile List<InetSocketAddress> found = List.of();

  Addresses(ClientConnector connector, Duration timeout) {
    this.connector = connector;
    this.timeout = timeout;
    connector.setConnectTimeout(timeout);
    connector.addEventListener(this);
  }

  /** Looks names up on the connector's threads: a look-up cannot be interrupted. */
  SocketAddressResolver resolver() {
    SocketAddressResolver lookUp =
        new SocketAddressResolver.Async(
            connector.getExecutor(), connector.getScheduler(), timeout.toMillis());
    return (host, port, context, promise) ->
        lookUp.resolve(host, port, context, new Remembering(promise));
  }

  private final class Remembering extends Promise.Wrapper<List<InetSocketAddress>> {
    Remembering(Promise<List<InetSocketAddress>> promise) {
      super(promise);
    }

    @Override
    public void succeeded(List<InetSocketAddress> addresses) {
      found = List.copyOf(addresses);
      super.succeeded(addresses);
    }
  }

  @Override
  public void onConnectBegin(SocketChannel socket, SocketAddress address) {
    List<InetSocketAddress> all = found;
    boolean last = all.isEmpty() || all.get(all.size() - 1).equals(address);
    connector.setConnectTimeout(last ? timeout : timeout.dividedBy(all.size()));
  }

  @Override
  public void onConnectSuccess(SocketChannel socket) {
    connector.setConnectTimeout(timeout); // which limits the CONNECT to a proxy too
  }
}
