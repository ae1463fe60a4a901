package io.culvert.chaos;

import io.culvert.SocketConnection;
import io.culvert.client.TunnelClient;
import io.culvert.connection.LinkStatistics;
import io.culvert.server.TunnelServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A server or a client of the library; each calls the other. */
final class LibraryEnds implements Ends {
  private final CompletableFuture<SocketConnection> connection = new CompletableFuture<>();

  /** Null on the client's side. */
  private final TunnelServer server;

  private LibraryEnds(TunnelServer server) {
    this.server = server;
  }

  /** A server on loopback, which takes one connection. */
  static LibraryEnds server(Amounts amounts) throws IOException {
    TunnelServer server =
        Settings.of(TunnelServer.builder())
            .address(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
            .build();
    LibraryEnds ends = new LibraryEnds(server);
    server.onConnection(made -> ends.connected(made, amounts));
    server.start();
    return ends;
  }

  /** A client of the server at this port of loopback, connected. */
  static LibraryEnds client(Amounts amounts, int port, Side.Listener listener) throws IOException {
    LibraryEnds ends = new LibraryEnds(null);
    TunnelClient.Builder builder =
        Settings.ofDialer(TunnelClient.builder("ws://127.0.0.1:" + port))
            .onEvent(event -> Settings.tell(listener, event));
    ends.connected(builder.build().connect(), amounts);
    return ends;
  }

  private void connected(SocketConnection made, Amounts amounts) {
    made.serve(new Service(amounts.posts()).application());
    connection.complete(made);
  }

  private SocketConnection connection() throws IOException {
    try {
      return connection.get(Settings.CONNECT_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IOException("no connection has come", e);
    }
  }

  @Override
  public Caller caller() throws IOException {
    return Caller.through(connection());
  }

  @Override
  public LinkStatistics links() throws IOException {
    return server == null ? connection().linkStatistics() : server.linkStatistics();
  }

  @Override
  public int streams() throws IOException {
    return connection().activeStreams();
  }

  @Override
  public void migrate() throws IOException {
    connection().migrate();
  }

  @Override
  public int port() {
    return server == null ? 0 : server.address().getPort();
  }

  @Override
  public void close() {
    if (server != null) {
      server.close();
    } else if (connection.isDone()) {
      connection.join().close();
    }
  }
}
