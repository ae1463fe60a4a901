package io.culvert.testkit;

import io.culvert.jetty.SocketEndPoint;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;

/** A stream spliced to a TCP socket, as an agent and a bridge do it. */
class SocketSpliceTest extends SpliceContract {
  private final BlockingQueue<EndPoint> opened = new LinkedBlockingQueue<>();
  private SelectorManager selectors;
  private Socket far;

  @Override
  EndPoint connectRight() throws Exception {
    selectors = new Selectors();
    selectors.start();
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      SocketChannel right = SocketChannel.open(server.getLocalSocketAddress());
      right.configureBlocking(false);
      far = server.accept();
      far.setSoTimeout(30_000);
      selectors.accept(right);
    }
    return opened.take();
  }

  @Override
  Far far() {
    return new Far() {
      @Override
      public InputStream in() throws IOException {
        return far.getInputStream();
      }

      @Override
      public OutputStream out() throws IOException {
        return far.getOutputStream();
      }

      @Override
      public void endOutput() throws IOException {
        far.shutdownOutput();
      }

      @Override
      public void cut() throws IOException {
        far.setSoLinger(true, 0);
        far.close();
      }

      @Override
      public void close() throws IOException {
        far.close();
      }
    };
  }

  @Override
  void disconnectRight() throws Exception {
    selectors.stop();
  }

  private final class Selectors extends SelectorManager {
    Selectors() {
      super(threads, scheduler, 1);
    }

    @Override
    protected EndPoint newEndPoint(
        SelectableChannel channel, ManagedSelector selector, SelectionKey key) {
      return new SocketEndPoint((SocketChannel) channel, selector, key, getScheduler());
    }

    @Override
    public Connection newConnection(
        SelectableChannel channel, EndPoint endPoint, Object attachment) {
      return new org.eclipse.jetty.io.AbstractConnection(endPoint, threads) {
        @Override
        public void onOpen() {
          opened.add(endPoint);
        }

        @Override
        public void onFillable() {}
      };
    }
  }
}
