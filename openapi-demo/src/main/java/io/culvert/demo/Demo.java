package io.culvert.demo;

import io.culvert.SocketConnection;
import io.culvert.client.TunnelClient;
import io.culvert.server.TunnelServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.servlet.ServletHolder;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * The main job, to watch: a server, a dialer without an open port, the pet store behind each, and
 * the generated client calling both ways over the one WebSocket.
 */
public final class Demo {
  private static final Duration HANDSHAKE = Duration.ofSeconds(10);
  private static final String STOPPED = "stopped: connection closed, server drained";

  private final Transcript transcript = new Transcript(System.out);

  private Demo() {}

  /**
   * Runs the demo.
   *
   * @param args {@code --keep} leaves it running until it is interrupted
   */
  public static void main(String[] args) throws Exception {
    boolean keep = args.length == 1 && args[0].equals("--keep");
    if (args.length > 0 && !keep) {
      System.err.println("expected no argument or --keep, but got: " + String.join(" ", args));
      System.exit(2);
    }
    new Demo().run(keep);
  }

  private void run(boolean keep) throws Exception {
    InetSocketAddress anyPort = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (TunnelServer server = TunnelServer.builder().address(anyPort).build().start()) {
      CompletableFuture<SocketConnection> accepted = new CompletableFuture<>();
      server.onConnection(
          connection -> {
            connection.serve(new PetServlet());
            accepted.complete(connection);
          });
      TunnelClient client =
          TunnelClient.builder(server.uri().toString()).metadata("app", "demo").build();
      try (SocketConnection dialed = client.connect()) {
        dialed.serve(new PetServlet());
        converse(dialed, accepted.get(HANDSHAKE.toSeconds(), TimeUnit.SECONDS));
        if (keep) {
          keepRunning(accepted.join(), server, dialed);
          return;
        }
      }
    }
    transcript.heading(STOPPED);
  }

  private void converse(SocketConnection dialed, SocketConnection accepted) throws Exception {
    transcript.heading("connection " + dialed.id());
    transcript.line("acceptor listens on " + dialed.remoteAddress());
    transcript.line("dialer   has no open port; metadata " + accepted.metadata());

    transcript.heading("the dialer calls the pet store behind the acceptor");
    PetShopper up = new PetShopper(dialed, "dialer -> acceptor", transcript);
    up.shop("Mia");

    transcript.heading("the acceptor calls the pet store behind the dialer, same WebSocket");
    PetShopper down = new PetShopper(accepted, "acceptor -> dialer", transcript);
    down.shop("Tom");

    transcript.heading("a streamed response: each event arrives before the next change is made");
    down.watch("Rex", "Bello", "Luna");
  }

  private void keepRunning(SocketConnection accepted, TunnelServer server, SocketConnection dialed)
      throws Exception {
    Server http = new Server();
    HttpConfiguration headers = new HttpConfiguration();
    // What the pet store says of itself passes through; the gateway would say it once more.
    headers.setSendDateHeader(false);
    headers.setSendServerVersion(false);
    ServerConnector port = new ServerConnector(http, new HttpConnectionFactory(headers));
    port.setHost(InetAddress.getLoopbackAddress().getHostAddress());
    http.addConnector(port);
    ServletContextHandler context = new ServletContextHandler("/");
    context.addServlet(new ServletHolder(new Gateway(accepted)), "/*");
    http.setHandler(context);
    http.start();
    CountDownLatch stopped = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  interrupted.countDown();
                  try {
                    // Long enough for the connection and the server to end in order.
                    boolean unused = stopped.await(15, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                },
                "demo-shutdown"));
    String url = "http://localhost:" + port.getLocalPort();
    transcript.heading("still running; the dialer's pet store answers curl through the WebSocket:");
    transcript.line("curl -i " + url + "/pets");
    transcript.line(
        "curl -i "
            + url
            + "/pets -H 'Content-Type: application/json' -d '{\"name\":\"Ada\",\"species\":\"owl\"}'");
    transcript.line("curl -N " + url + "/pets/events");
    transcript.line("Ctrl-C ends it.");
    interrupted.await();
    http.stop();
    dialed.close();
    server.close();
    transcript.heading(STOPPED);
    System.out.flush();
    stopped.countDown();
  }
}
