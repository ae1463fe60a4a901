package io.culvert.client;

import io.culvert.server.TunnelServer;
import io.culvert.websocket.WebSocketAcceptorFactory;
import io.culvert.websocket.WebSocketDialer;
import io.culvert.websocket.jakarta.JakartaMount;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import io.culvert.websocket.jdk.JdkDialer;
import io.culvert.websocket.jetty.JettyAcceptor;
import io.culvert.websocket.jetty.JettyDialer;
import io.culvert.websocket.jetty.JettyMount;
import io.culvert.websocket.okhttp.OkHttpDialer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.eclipse.jetty.ee11.servlet.ServletContextHandler;
import org.eclipse.jetty.ee11.websocket.jakarta.server.config.JakartaWebSocketServletContainerInitializer;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** The WebSocket libraries that can meet. */
final class Libraries {
  private Libraries() {}

  enum Dialer {
    JAVA_WEBSOCKET(JavaWebSocketDialer::new),
    JETTY(JettyDialer::new),
    JDK(JdkDialer::new),
    OKHTTP(OkHttpDialer::new);

    @SuppressWarnings("ImmutableEnumChecker") // constructors
    final Supplier<WebSocketDialer> maker;

    Dialer(Supplier<WebSocketDialer> maker) {
      this.maker = maker;
    }
  }

  enum Acceptor {
    JAVA_WEBSOCKET {
      @Override
      Listening listen() {
        return Listening.byItself(JavaWebSocketAcceptor::new);
      }
    },
    JETTY {
      @Override
      Listening listen() {
        return Listening.byItself(JettyAcceptor::new);
      }
    },
    JETTY_MOUNT {
      @Override
      Listening listen() throws Exception {
        JettyMount mount = new JettyMount("/tunnel");
        return Listening.hosted(mount, mount);
      }
    },
    JAKARTA_MOUNT {
      @Override
      Listening listen() throws Exception {
        JakartaMount mount = new JakartaMount();
        ServletContextHandler context = new ServletContextHandler();
        context.addServlet(mount.servlet(), "/tunnel");
        JakartaWebSocketServletContainerInitializer.configure(context, null);
        return Listening.hosted(mount, context);
      }
    };

    abstract Listening listen() throws Exception;
  }

  /** A library that is ready to take a server, with the host if it has one. */
  static final class Listening {
    private final WebSocketAcceptorFactory factory;

    /** Null if the library listens by itself. */
    private final Server host;

    private Listening(WebSocketAcceptorFactory factory, Server host) {
      this.factory = factory;
      this.host = host;
    }

    private static Listening byItself(WebSocketAcceptorFactory factory) {
      return new Listening(factory, null);
    }

    private static Listening hosted(WebSocketAcceptorFactory mount, Handler handler)
        throws Exception {
      Server host = new Server(Setup.loopback());
      host.setHandler(handler);
      host.start();
      return new Listening(mount, host);
    }

    TunnelServer.Builder server() {
      TunnelServer.Builder builder = TunnelServer.builder().webSocket(factory);
      return host == null ? builder.address(Setup.loopback()) : builder;
    }

    String url(TunnelServer server) {
      int port =
          host == null
              ? server.address().getPort()
              : ((ServerConnector) host.getConnectors()[0]).getLocalPort();
      return "ws://127.0.0.1:" + port + "/tunnel";
    }

    void close() {
      try {
        if (host != null) {
          host.stop();
        }
      } catch (Exception e) {
        throw new IllegalStateException("the host did not stop", e);
      }
    }
  }

  /** Who dials, who accepts, and which of the two calls. */
  record Combination(Dialer dialer, Acceptor acceptor, boolean dialerCalls) {
    static Stream<Combination> all() {
      return Stream.of(Dialer.values())
          .flatMap(
              dialer ->
                  Stream.of(Acceptor.values())
                      .flatMap(
                          acceptor ->
                              Stream.of(true, false)
                                  .map(calls -> new Combination(dialer, acceptor, calls))));
    }

    SocketTunnel connect() throws Exception {
      return SocketTunnel.over(acceptor.listen(), dialer.maker.get(), dialerCalls);
    }

    @Override
    public String toString() {
      return dialer
          + " to "
          + acceptor
          + (dialerCalls ? ", the dialer" : ", the acceptor")
          + " calls";
    }
  }
}
