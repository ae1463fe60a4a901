package io.culvert.jetty;

import java.io.IOException;
import java.net.ProtocolFamily;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.Transport;
import org.eclipse.jetty.util.thread.Scheduler;

/** TCP or a Unix socket, with a {@link SocketEndPoint}. */
public final class SocketTransport extends Transport.Socket {
  private final SocketAddress address;

  /** For a connection to that address, which is resolved if it is one of TCP. */
  public SocketTransport(SocketAddress address) {
    this.address = address;
  }

  @Override
  public SocketAddress getSocketAddress() {
    return address;
  }

  @Override
  public SelectableChannel newSelectableChannel() throws IOException {
    if (address instanceof UnixDomainSocketAddress) {
      ProtocolFamily unix = StandardProtocolFamily.UNIX;
      return SocketChannel.open(unix);
    }
    return SocketChannel.open();
  }

  @Override
  public EndPoint newEndPoint(
      Scheduler scheduler,
      ManagedSelector selector,
      SelectableChannel selectable,
      SelectionKey selectionKey) {
    return new SocketEndPoint((SocketChannel) selectable, selector, selectionKey, scheduler);
  }

  @Override
  public int hashCode() {
    return address.hashCode();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof SocketTransport transport && address.equals(transport.address);
  }
}
