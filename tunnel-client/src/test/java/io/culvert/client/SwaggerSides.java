package io.culvert.client;

import io.culvert.SocketConnection;
import io.culvert.server.TunnelServer;
import io.culvert.testkit.RecordingListener;
import io.culvert.testkit.swaggersocket.ServiceServlet;
import io.culvert.testkit.swaggersocket.SwaggerService;
import io.culvert.testkit.swaggersocket.SwaggerSide;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.Interceptor;

/** Servers and clients that speak swaggersocket, as the scenarios need them. */
final class SwaggerSides {
  private SwaggerSides() {}

  static SwaggerSide.Accepting accepting() throws IOException {
    return new Accepting();
  }

  static SwaggerSide.Dialing dialing() {
    return new Dialing();
  }

  private static final class Accepting implements SwaggerSide.Accepting {
    private final TunnelServer server = Setup.server().swaggerSocket(true).build();
    private final BlockingQueue<SocketConnection> arrivals = new LinkedBlockingQueue<>();

    Accepting() throws IOException {
      server.onConnection(arrivals::add);
      server.start();
    }

    @Override
    public InetSocketAddress address() {
      return server.address();
    }

    @Override
    public SwaggerSide.Connected next() throws InterruptedException {
      SocketConnection next =
          arrivals.poll(RecordingListener.HANG_GUARD.toSeconds(), TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("no connection came");
      }
      return new Connected(next);
    }

    @Override
    public boolean knows(String id) {
      return server.connection(id).isPresent();
    }

    @Override
    public void close() {
      server.close();
    }
  }

  private static final class Dialing implements SwaggerSide.Dialing {
    private final List<SocketConnection> dialed = new ArrayList<>();

    @Override
    public SwaggerSide.Connected dial(InetSocketAddress address) throws IOException {
      SocketConnection connection =
          Setup.client(address).swaggerSocket(true).reconnect(Setup.eager()).build().connect();
      dialed.add(connection);
      return new Connected(connection);
    }

    @Override
    public void close() {
      dialed.forEach(SocketConnection::close);
    }
  }

  private record Connected(SocketConnection connection) implements SwaggerSide.Connected {
    @Override
    public String id() {
      return connection.id();
    }

    @Override
    public Interceptor interceptor() {
      return connection;
    }

    @Override
    public void serve(SwaggerService service) {
      connection.serve(new ServiceServlet(service));
    }

    @Override
    public void close() {
      connection.close();
    }
  }
}
