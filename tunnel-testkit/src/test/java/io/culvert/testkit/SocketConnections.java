package io.culvert.testkit;

import io.culvert.connection.Connection;
import io.culvert.connection.ConnectionListener;
import io.culvert.connection.ConnectionRuntime;
import io.culvert.connection.EngineConnection;
import io.culvert.connection.StreamConnection;
import io.culvert.engine.EngineConfig;
import io.culvert.frame.Wire;
import io.culvert.websocket.DialRequest;
import io.culvert.websocket.ListenRequest;
import io.culvert.websocket.Upgrade;
import io.culvert.websocket.WebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketAcceptor;
import io.culvert.websocket.javawebsocket.JavaWebSocketDialer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Two connections joined by a real WebSocket on loopback. */
final class SocketConnections {

  private SocketConnections() {}

  static ConnectionPair pair(EngineConfig config) throws Exception {
    ConnectionRuntime runtime = ConnectionRuntime.create("test");
    CompletableFuture<Connection> accepted = new CompletableFuture<>();
    ConnectionListener listener =
        new ConnectionListener() {
          @Override
          public void established(Connection connection) {
            accepted.complete(connection);
          }
        };
    WebSocketAcceptor acceptor =
        new JavaWebSocketAcceptor(
            new ListenRequest(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                new WebSocketAcceptor.Limits(Wire.MAX_PACKET, Duration.ofSeconds(10)),
                null,
                "culvert-test"));
    acceptor.start(
        request ->
            new Upgrade.Accept(
                Wire.SUBPROTOCOL,
                EngineConnection.acceptor(runtime, config, listener).socketListener()));
    Connection dialer =
        EngineConnection.dialer(
            runtime, config, Map.of("app", "test"), new ConnectionListener() {});
    URI uri = URI.create("ws://127.0.0.1:" + acceptor.address().getPort());
    new JavaWebSocketDialer()
        .dial(
            new DialRequest(
                uri,
                Map.of(),
                Wire.SUBPROTOCOL,
                Duration.ofSeconds(10),
                null,
                Proxy.NO_PROXY,
                null,
                Wire.MAX_PACKET),
            dialer.socketListener());
    dialer.awaitEstablished();
    Connection peer = accepted.get(10, TimeUnit.SECONDS);
    return new ConnectionPair() {
      @Override
      public StreamConnection dialer() {
        return dialer;
      }

      @Override
      public StreamConnection acceptor() {
        return peer;
      }

      @Override
      public void close() {
        dialer.abort("test is over");
        peer.abort("test is over");
        acceptor.close();
        runtime.close();
      }
    };
  }
}
