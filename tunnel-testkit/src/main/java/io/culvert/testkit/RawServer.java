package io.culvert.testkit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A TCP server on loopback that plays a script to each connection: exact bytes, well-formed or not.
 * {@link #close} ends its threads and connections.
 */
public final class RawServer implements AutoCloseable {

  /** What to do with one connection, which is closed when this returns. */
  @FunctionalInterface
  public interface Script {
    void play(Socket socket) throws IOException, InterruptedException;
  }

  private final ServerSocket server;
  private final Script script;

  // Guarded by this.
  private final List<Socket> sockets = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();

  public RawServer(Script script) throws IOException {
    this.script = script;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    start("culvert-raw-server-accept", this::accept);
  }

  /** Answers every request head with these bytes. */
  public static RawServer answering(String answer) throws IOException {
    return new RawServer(
        socket -> {
          readHead(socket.getInputStream());
          socket.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
          socket.shutdownOutput();
          socket.getInputStream().transferTo(new ByteArrayOutputStream());
        });
  }

  /** Reads up to and with the empty line that ends an HTTP head. */
  public static String readHead(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < 4 || !head.substring(head.length() - 4).equals("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the stream ended inside an HTTP head");
      }
      head.append((char) next);
    }
    return head.toString();
  }

  public InetSocketAddress address() {
    return (InetSocketAddress) server.getLocalSocketAddress();
  }

  private synchronized void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        synchronized (this) {
          sockets.add(socket);
        }
        start("culvert-raw-server-script", () -> play(socket));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void play(Socket socket) {
    try (socket) {
      script.play(socket);
    } catch (IOException e) {
      // The dialer left, or the server was closed.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    List<Thread> ending;
    synchronized (this) {
      for (Socket socket : sockets) {
        socket.close();
      }
      ending = List.copyOf(threads);
    }
    try {
      for (Thread thread : ending) {
        thread.interrupt();
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
