package io.culvert.jetty;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;

/** What can be done to end points of any kind. */
final class EndPoints {
  private EndPoints() {}

  /**
   * Closes it so that its peer cannot take it for a clean end, where the kind allows that: TCP by
   * RST, TLS without a close_notify, a stream by RESET.
   */
  static void abort(EndPoint endPoint, Throwable failure) {
    EndPoint lowest = endPoint;
    while (lowest instanceof EndPoint.Wrapper wrapper) {
      lowest = wrapper.unwrap();
    }
    if (lowest.getTransport() instanceof SocketChannel channel) {
      resetOnClose(channel);
    }
    lowest.close(failure);
    if (lowest != endPoint) {
      endPoint.close(failure);
    }
  }

  private static void resetOnClose(SocketChannel channel) {
    try {
      channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException | UnsupportedOperationException e) {
      // Closed already, or a Unix socket, which knows no RST.
    }
  }
}
