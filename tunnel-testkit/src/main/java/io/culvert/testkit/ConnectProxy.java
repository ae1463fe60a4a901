package io.culvert.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** An HTTP proxy on loopback that knows CONNECT and nothing else. */
public final class ConnectProxy implements AutoCloseable {
  private final String authorization;
  private final Queue<String> targets = new ConcurrentLinkedQueue<>();
  private final RawServer server;

  /**
   * @param authorization the {@code Proxy-Authorization} to demand; null demands none
   */
  public ConnectProxy(String authorization) throws IOException {
    this.authorization = authorization;
    server = new RawServer(this::serve);
  }

  public Proxy proxy() {
    return new Proxy(Proxy.Type.HTTP, server.address());
  }

  /** The targets that were asked for and let through, such as {@code localhost:80}. */
  public Queue<String> targets() {
    return targets;
  }

  private void serve(Socket dialer) throws IOException, InterruptedException {
    String head = RawServer.readHead(dialer.getInputStream());
    if (authorization != null && !head.contains("\r\nProxy-Authorization: " + authorization)) {
      reply(dialer, "407 Proxy Authentication Required\r\nProxy-Authenticate: Basic");
      return;
    }
    String[] request = head.split(" ", 3);
    if (!request[0].toUpperCase(Locale.ROOT).equals("CONNECT")) {
      reply(dialer, "405 Method Not Allowed");
      return;
    }
    targets.add(request[1]);
    int colon = request[1].lastIndexOf(':');
    InetSocketAddress target =
        new InetSocketAddress(
            request[1].substring(0, colon), Integer.parseInt(request[1].substring(colon + 1)));
    try (Socket onward = new Socket()) {
      onward.connect(target);
      reply(dialer, "200 Connection Established");
      Thread back =
          new Thread(() -> copy(onward, dialer), "culvert-connect-proxy-" + target.getPort());
      back.setDaemon(true);
      back.start();
      copy(dialer, onward);
      back.join();
    }
  }

  private static void reply(Socket dialer, String status) throws IOException {
    dialer
        .getOutputStream()
        .write(("HTTP/1.1 " + status + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
  }

  private static void copy(Socket from, Socket to) {
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      in.transferTo(out);
      to.shutdownOutput();
    } catch (IOException e) {
      // One side broke; the other must not wait for it.
      try {
        to.close();
        from.close();
      } catch (IOException alreadyBroken) {
        // Closed is what it should be.
      }
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
