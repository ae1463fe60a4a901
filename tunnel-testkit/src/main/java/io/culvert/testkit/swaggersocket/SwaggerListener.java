package io.culvert.testkit.swaggersocket;

import io.culvert.testkit.RawServer;
import io.culvert.testkit.RecordingListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where peers that accept come from. The WebSocket upgrade is gorilla's: any path, no subprotocol,
 * no extension, and an {@code Origin} must be of the same host. Thread-safe; closing it leaves the
 * accepted peers alone.
 */
public final class SwaggerListener implements AutoCloseable {
  private static final Pattern HOST = Pattern.compile("(?i)\r\nHost: *([^\r]*)\r\n");
  private static final Pattern ORIGIN = Pattern.compile("(?i)\r\nOrigin: *([^\r]*)\r\n");

  private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

  SwaggerListener() throws IOException {}

  public InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  public URI uri() {
    return URI.create("ws://127.0.0.1:" + address().getPort() + "/");
  }

  /**
   * Waits for a dialer and upgrades; the handshake is the caller's, and so is the peer.
   *
   * @throws IOException if the dialer was refused, says why, or this was closed
   */
  public SwaggerPeer accept() throws IOException {
    Socket socket = acceptRaw();
    try {
      String request = RawServer.readHead(socket.getInputStream());
      if (!sameOrigin(request)) {
        socket.getOutputStream().write(WireText.bytes("HTTP/1.1 403 Forbidden\r\n\r\n"));
        throw new IOException("refused, its Origin is another host: " + WireText.escape(request));
      }
      return SwaggerPeer.accepted(socket, request);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Waits for a TCP connection and does nothing with it. */
  public Socket acceptRaw() throws IOException {
    Socket socket = server.accept();
    socket.setSoTimeout((int) RecordingListener.HANG_GUARD.toMillis());
    return socket;
  }

  private static boolean sameOrigin(String request) {
    Matcher origin = ORIGIN.matcher(request);
    if (!origin.find()) {
      return true;
    }
    Matcher host = HOST.matcher(request);
    return host.find()
        && host.group(1).equalsIgnoreCase(URI.create(origin.group(1)).getRawAuthority());
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
