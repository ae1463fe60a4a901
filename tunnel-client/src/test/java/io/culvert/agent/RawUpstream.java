package io.culvert.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A service that is a script for each socket, on a thread of its own. */
public final class RawUpstream implements AutoCloseable {
  /** What it does with a socket, which is closed afterwards. */
  public interface Script {
    void run(Socket socket) throws Exception;
  }

  private final ServerSocket server;
  private final ExecutorService threads =
      Executors.newCachedThreadPool(task -> new Thread(task, "raw-upstream"));

  public RawUpstream(Script script) throws IOException {
    this(new ServerSocket(0, 300, InetAddress.getLoopbackAddress()), script);
  }

  /** Takes the socket over. */
  public RawUpstream(ServerSocket server, Script script) {
    this.server = server;
    threads.execute(() -> accept(script));
  }

  private void accept(Script script) {
    try {
      while (true) {
        Socket socket = server.accept();
        socket.setSoTimeout(30_000);
        threads.execute(() -> run(script, socket));
      }
    } catch (IOException e) {
      threads.shutdown(); // closed by the test
    }
  }

  private static void run(Script script, Socket socket) {
    try (socket) {
      script.run(socket);
    } catch (Exception e) {
      // The test sees what became of its bytes.
    }
  }

  public String url() {
    return "http://127.0.0.1:" + server.getLocalPort();
  }

  /** Sends back whatever comes, and ends when the peer has. */
  public static void echo(Socket socket) throws IOException {
    socket.getInputStream().transferTo(socket.getOutputStream());
    socket.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    server.close();
    threads.shutdownNow();
  }
}
