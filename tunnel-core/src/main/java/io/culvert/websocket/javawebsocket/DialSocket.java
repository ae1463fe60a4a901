package io.culvert.websocket.javawebsocket;

import io.culvert.websocket.DialRequest;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Connects a blocking socket to the peer, through a proxy if asked. {@link #close} from another
 * thread ends whatever it waits for.
 */
final class DialSocket {
  private static final int SOCKS_VERSION = 5;
  private static final int SOCKS_NO_AUTHENTICATION = 0;
  private static final int SOCKS_CONNECT = 1;
  private static final int SOCKS_IPV4 = 1;
  private static final int SOCKS_NAME = 3;
  private static final int SOCKS_IPV6 = 4;

  private final DialRequest request;

  // Guarded by this.
  private SocketChannel channel;
  private boolean closed;

  DialSocket(DialRequest request) {
    this.request = request;
  }

  static String host(DialRequest request) {
    String host = request.uri().getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  static int port(DialRequest request) {
    int port = request.uri().getPort();
    return port >= 0 ? port : request.secure() ? 443 : 80;
  }

  /** Any thread; idempotent. */
  synchronized void close() {
    closed = true;
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // Closed is what it should be.
      }
    }
  }

  SocketChannel connect() throws IOException {
    Proxy proxy = request.proxy();
    if (proxy.type() == Proxy.Type.DIRECT) {
      return connectTo("", host(request), port(request));
    }
    InetSocketAddress address = (InetSocketAddress) proxy.address();
    SocketChannel connected = connectTo("the proxy ", address.getHostString(), address.getPort());
    if (proxy.type() == Proxy.Type.HTTP) {
      askHttpProxy(connected);
    } else {
      askSocksProxy(connected);
    }
    return connected;
  }

  private SocketChannel connectTo(String what, String host, int port) throws IOException {
    String target = what + host + ":" + port;
    InetAddress[] addresses = lookUp(host, target);
    // Each address gets its share, so that one that swallows packets leaves time for the others.
    long share = request.timeout().dividedBy(addresses.length).toMillis();
    IOException failure = null;
    for (int i = 0; i < addresses.length; i++) {
      // The last needs no limit: the caller's runs out, and closes the socket.
      boolean last = i == addresses.length - 1;
      int millis = last ? 0 : (int) Math.max(1, Math.min(Integer.MAX_VALUE, share));
      SocketChannel candidate = open();
      try {
        candidate.socket().connect(new InetSocketAddress(addresses[i], port), millis);
        return candidate;
      } catch (IOException e) {
        candidate.close();
        IOException named =
            new IOException("cannot connect to " + target + ": " + e.getMessage(), e);
        if (failure != null) {
          named.addSuppressed(failure);
        }
        failure = named;
      }
    }
    throw failure;
  }

  private static InetAddress[] lookUp(String host, String target) throws IOException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new IOException("cannot connect to " + target + ": the host is not known", e);
    }
  }

  private synchronized SocketChannel open() throws IOException {
    if (closed) {
      throw new AsynchronousCloseException();
    }
    channel = SocketChannel.open();
    return channel;
  }

  private void askHttpProxy(SocketChannel proxy) throws IOException {
    String target = request.uri().getHost() + ":" + port(request);
    StringBuilder ask = new StringBuilder("CONNECT " + target + " HTTP/1.1\r\n");
    ask.append("Host: ").append(target).append("\r\n");
    if (request.proxyAuthorization() != null) {
      ask.append("Proxy-Authorization: ").append(request.proxyAuthorization()).append("\r\n");
    }
    write(proxy, ask.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1));
    HttpHead head = new HttpHead();
    // One byte at a time: what follows the head belongs to the tunnel.
    while (!head.add(read(proxy, 1))) {
      if (!head.canStartWith("HTTP/1.")) {
        throw new IOException("the proxy did not answer CONNECT with HTTP/1.1");
      }
    }
    if (head.status() / 100 != 2) {
      throw new IOException(
          "expected 200 from the proxy for CONNECT, but got "
              + head.status()
              + (head.status() == 407 ? "; give it a proxy authorization that it accepts" : ""));
    }
  }

  /** RFC 1928; the name is resolved by the proxy. */
  private void askSocksProxy(SocketChannel proxy) throws IOException {
    write(proxy, new byte[] {SOCKS_VERSION, 1, SOCKS_NO_AUTHENTICATION});
    ByteBuffer method = read(proxy, 2);
    if (method.get() != SOCKS_VERSION || method.get() != SOCKS_NO_AUTHENTICATION) {
      throw new IOException("the proxy does not speak SOCKS 5 without authentication");
    }
    byte[] name = host(request).getBytes(StandardCharsets.US_ASCII);
    if (name.length > 255) {
      throw new IOException("the host name is too long for SOCKS");
    }
    ByteBuffer ask = ByteBuffer.allocate(7 + name.length);
    ask.put((byte) SOCKS_VERSION).put((byte) SOCKS_CONNECT).put((byte) 0);
    ask.put((byte) SOCKS_NAME).put((byte) name.length).put(name);
    write(proxy, ask.putShort((short) port(request)).array());
    ByteBuffer answer = read(proxy, 4);
    int reply = answer.get(1);
    if (reply != 0) {
      throw new IOException("the SOCKS proxy did not connect, its reply is " + reply);
    }
    int addressBytes =
        switch (answer.get(3)) {
          case SOCKS_IPV4 -> 4;
          case SOCKS_IPV6 -> 16;
          case SOCKS_NAME -> read(proxy, 1).get() & 0xff;
          default -> throw new IOException("the SOCKS proxy's answer is malformed");
        };
    read(proxy, addressBytes + 2);
  }

  private static void write(SocketChannel to, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      to.write(buffer);
    }
  }

  private static ByteBuffer read(SocketChannel from, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (from.read(buffer) < 0) {
        throw new EOFException("the proxy closed the socket before it was connected");
      }
    }
    return buffer.flip();
  }
}
